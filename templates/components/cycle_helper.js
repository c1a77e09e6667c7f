// Counts from the first day of the period to the doctor's window: marks the listed days that fall inside it, and says
// in words which they are. Where no days are listed it says from when to when, or that these days are over.
// Runs in the browser alone: the input has no name, stands outside the form, and nothing is sent or stored.
// The page works without it. Words come from data attributes of #cycle-helper (templates/components/cycle_helper.html).
const helper = document.getElementById("cycle-helper");
if (helper) {
  const start = helper.querySelector("input");
  const said = helper.querySelector("[role=status]");
  const boxes = [...document.querySelectorAll("input[name=days]")];
  const { first, last, fits, some, none, range, open, over } = helper.dataset;
  // Whole days in UTC: the clock change cannot move a date.
  const DAY = 86400000;
  const at = (day) => Date.parse(`${day}T00:00:00Z`);
  const dayOne = () => at(start.value);
  // Made when somebody counts: a language's names of days take long to load, and the page is still being drawn.
  let words;

  const mark = () => {
    const fitting = [];
    for (const box of boxes) {
      const label = document.querySelector(`label[for="${box.id}"]`);
      label.querySelector(".fits")?.remove();
      const day = (at(box.value) - dayOne()) / DAY + 1;
      if (!(day >= Number(first) && day <= Number(last))) continue;
      fitting.push(label.textContent.split(":")[0]);
      const word = document.createElement("strong");
      word.className = "fits";
      word.textContent = ` – ${fits}`;
      label.append(word);
    }
    words ??= new Intl.DateTimeFormat(document.documentElement.lang || "en", { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" });
    const nth = (day) => dayOne() + (Number(day) - 1) * DAY;
    const on = (day) => words.format(nth(day));
    const earliest = boxes.length ? at(boxes[0].value) : Date.now() - DAY;
    if (!start.value) said.textContent = "";
    else if (nth(last) < earliest) said.textContent = over;
    else if (!boxes.length) said.textContent = `${range} ${on(first)} – ${on(last)}. ${open}`;
    else said.textContent = fitting.length ? `${some} ${fitting.join("; ")}.` : none;
  };
  start.addEventListener("input", mark);
  // Once the first words are painted: a calendar is the dearest part of the page to lay out.
  const painted = new PerformanceObserver(() => {
    painted.disconnect();
    start.type = "date";
    helper.hidden = false;
    if (start.value) mark(); // a browser may bring the date back with the page
  });
  painted.observe({ type: "paint", buffered: true });
}
