// One key decides: the one written on a button of the item that has the focus, or of the first one; a key that is on no
// item takes the last decision back.
"use strict";

(() => {
  // What was pressed is under way: the same key once more would decide about the same item again.
  let isSent = false;

  const buttonFor = (key, place) => [...place.querySelectorAll("button[data-key]")].find((one) => one.dataset.key === key);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isSent) return;
    if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) return;
    const item = event.target.closest("[data-item]") || document.querySelector("[data-item]");
    const button = (item && buttonFor(event.key, item)) || buttonFor(event.key, document.querySelector(".page-head"));
    if (!button) return;
    event.preventDefault();
    isSent = true;
    button.click();
  });

  window.addEventListener("pageshow", () => { isSent = false; });
})();
