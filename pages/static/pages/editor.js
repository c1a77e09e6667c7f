// Gives each rich text editor of the admin the name of its field, which screen readers need. Does nothing else.
"use strict";
(() => {
  const name = () => {
    for (const editor of document.querySelectorAll(".ProseMirror[contenteditable=true]:not([aria-label])")) {
      const label = editor.closest(".form-row")?.querySelector("label");
      if (label) {
        editor.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
        editor.setAttribute("role", "textbox");
        editor.setAttribute("aria-multiline", "true");
      }
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    name();
    new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  });
})();
