// One key decides: the one written on a button of the item that has the focus, or of the first one.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  const item = event.target.closest("[data-item]") || document.querySelector("[data-item]");
  const button = [...(item?.querySelectorAll("button[data-key]") || [])].find((one) => one.dataset.key === event.key);
  if (!button) return;
  event.preventDefault();
  button.click();
});
