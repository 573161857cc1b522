// What every page does: menus close, and a request that failed is said aloud.
"use strict";

(() => {
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  const say = (text) => {
    const place = document.getElementById("trouble");
    place.querySelector("p").textContent = text;
    place.hidden = false;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    // Signed out meanwhile: the answer is the sign-in page, which belongs into the whole window.
    const address = event.detail.xhr.responseURL;
    if (address && new URL(address).pathname === document.body.dataset.login) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const place = document.getElementById("trouble");
    if (event.detail.successful && place) place.hidden = true;
  });
  document.addEventListener("htmx:responseError", () => say(document.body.dataset.refused));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.unreachable));
})();
