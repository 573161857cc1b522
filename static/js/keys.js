// Single keys: whether they work in this browser, and the list of them. Who listens for one looks at html[data-keys].
"use strict";

(() => {
  const root = document.documentElement;
  const dialog = document.getElementById("keys");

  const stored = () => {
    try {
      return localStorage.getItem("keys") || "on";
    } catch {
      return "on"; // storage is switched off
    }
  };

  const apply = (state) => {
    root.dataset.keys = state;
    for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = state === "on";
  };

  apply(stored());

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    const state = event.target.checked ? "on" : "off";
    try {
      localStorage.setItem("keys", state);
    } catch {
      // It then lasts for this page only.
    }
    apply(state);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) dialog?.showModal();
    if (event.target === dialog) dialog.close(); // the backdrop
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || root.dataset.keys === "off" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!dialog || event.target.closest("input, select, textarea, dialog")) return;
    event.preventDefault();
    dialog.showModal();
  });
})();
