// Puts the chosen theme in place before anything is drawn. No choice means what the device prefers, which is CSS alone.
// A signed-in person's choice comes with the page; it is remembered here for the pages before signing in.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("has-script");

  const remember = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is switched off: the pages before signing in then look as the device prefers.
    }
  };

  const remembered = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  };

  const apply = (theme) => {
    if (theme === "auto") {
      root.removeAttribute("data-bs-theme");
    } else {
      root.setAttribute("data-bs-theme", theme);
    }
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  if (root.dataset.themeOf) {
    remember(root.dataset.themeOf);
  } else {
    apply(remembered());
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    remember(button.dataset.themeChoice);
    apply(button.dataset.themeChoice);
  });
})();
