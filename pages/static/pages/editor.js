// Gives each rich text editor of the admin the name of its field, and each section buttons that move it without dragging;
// makes the buttons that add a section work with keys. Does nothing else.
"use strict";
(() => {
  const SECTION = ".order-machine .inline-related:not(.empty-form)";

  const nameEditors = () => {
    for (const editor of document.querySelectorAll(".ProseMirror[contenteditable=true]:not([aria-label])")) {
      const label = editor.closest(".form-row")?.querySelector("label");
      if (label) {
        editor.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
        editor.setAttribute("role", "textbox");
        editor.setAttribute("aria-multiline", "true");
      }
    }
  };

  const place = (section) => section.querySelector(".order-machine-ordering");
  const inOrder = (section) =>
    [...document.querySelectorAll(SECTION)]
      .filter((other) => other.dataset.region === section.dataset.region && place(other))
      .sort((one, other) => place(one).value - place(other).value);
  const title = (section) => section.querySelector(".inline_label, h3")?.textContent.trim() ?? "";

  const move = (section, by, button) => {
    const sections = inOrder(section);
    const from = sections.indexOf(section);
    const to = from + by;
    if (to < 0 || to >= sections.length) return;
    sections.splice(to, 0, sections.splice(from, 1)[0]);
    sections.forEach((one, index) => {
      place(one).value = one.style.order = 10 * (index + 1);
    });
    button.focus();
    section.scrollIntoView({ block: "nearest" });
    said.textContent = `${title(section)}: ${to + 1} / ${sections.length}`;
  };

  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.className = "visually-hidden";

  const addMoves = () => {
    for (const section of document.querySelectorAll(`${SECTION}:not([data-moves])`)) {
      if (!place(section) || !window.ContentEditor?.allowChange) continue;
      section.dataset.moves = "";
      const moves = document.createElement("p");
      moves.className = "moves";
      for (const [words, by] of [["Move up", -1], ["Move down", 1]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "press";
        button.textContent = words;
        button.addEventListener("click", () => move(section, by, button));
        moves.append(button);
      }
      section.querySelector("h3")?.after(moves);
    }
  };

  const openToKeys = () => {
    const buttons = ".plugin-buttons .plugin-button:not([tabindex]), .order-machine-insert-target:not([tabindex])";
    for (const button of document.querySelectorAll(buttons)) {
      button.tabIndex = 0;
      button.setAttribute("role", "button");
      if (!button.textContent.trim()) button.setAttribute("aria-label", "Add a section here");
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          button.click();
          if (button.matches(".selected")) document.querySelector(".plugin-buttons .plugin-button")?.focus();
        }
      });
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(said);
    const improve = () => {
      nameEditors();
      addMoves();
      openToKeys();
    };
    improve();
    new MutationObserver(improve).observe(document.body, { childList: true, subtree: true });
  });
})();
