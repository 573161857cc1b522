// Copies a reference, and says so on the button itself and to who does not see it.
"use strict";

(() => {
  const SHOWN_FOR = 2000;

  const say = (text) => {
    const announcer = document.getElementById("announcer");
    if (!announcer) return;
    // The same words once more are heard only if they were gone in between.
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 50);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Not allowed here: the text is selected instead, ready for the keyboard.
      window.getSelection().selectAllChildren(button.previousElementSibling);
      return;
    }
    say(button.dataset.copied);
    // Pressed again while it still says so: its own words are kept from the first time.
    button.dataset.label ??= button.textContent;
    button.textContent = button.dataset.copied;
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = String(setTimeout(() => { button.textContent = button.dataset.label; }, SHOWN_FOR));
  });
})();
