// Marks the listed days that fall inside the doctor's window, counted from the first day of the period.
// Runs in the browser alone: the input has no name, stands outside the form, and nothing is sent or stored.
// The page works without it. Words come from data attributes of #cycle-helper (templates/booking/fields/cycle_helper.html).
(() => {
  "use strict";
  const helper = document.getElementById("cycle-helper");
  if (!helper) return;
  const start = helper.querySelector("input");
  const said = helper.querySelector("[role=status]");
  const boxes = [...document.querySelectorAll("input[name=days]")];
  const labelOf = (box) => document.querySelector(`label[for="${box.id}"]`);
  // Whole days in UTC: the clock change cannot move a date.
  const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / 86400000);

  const mark = () => {
    const fitting = [];
    const first = dayNumber(start.value);
    for (const box of boxes) {
      const label = labelOf(box);
      label.querySelector(".fits")?.remove();
      const cycleDay = dayNumber(box.value) - first + 1;
      if (!(cycleDay >= Number(helper.dataset.first) && cycleDay <= Number(helper.dataset.last))) continue;
      fitting.push(label.textContent.split(":")[0]);
      const word = document.createElement("strong");
      word.className = "fits";
      word.textContent = ` – ${helper.dataset.fits}`;
      label.append(word);
    }
    if (!start.value) said.textContent = "";
    else said.textContent = fitting.length ? `${helper.dataset.some} ${fitting.join("; ")}.` : helper.dataset.none;
  };
  start.addEventListener("input", mark);
  helper.hidden = false;
  mark(); // a browser may bring the date back with the page
})();
