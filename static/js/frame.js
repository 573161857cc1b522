// What every page does: menus close, a form is sent once, and a request that failed is said aloud.
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

  // An answer that does not come at once is announced.
  const LONG = 700;
  const working = document.getElementById("working");
  let longer = 0;

  const wait = (isWaiting) => {
    const [bar, words] = working.children;
    bar.hidden = words.hidden = !isWaiting;
    words.textContent = isWaiting ? working.dataset.words : "";
  };

  // A button that is pressed twice sends its form once; when the answer does not come, it can be pressed again.
  const AGAIN_AFTER = 10000;
  const sentAt = new WeakMap();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post]")) return;
    clearTimeout(longer);
    longer = setTimeout(wait, LONG, true);
    if (form.matches("[data-connect]")) return; // its own script sends it
    if (event.timeStamp - (sentAt.get(form) ?? -AGAIN_AFTER) < AGAIN_AFTER) event.preventDefault();
    else sentAt.set(form, event.timeStamp);
  });

  const answered = () => {
    clearTimeout(longer);
    wait(false);
  };
  document.addEventListener("answered", answered);
  // Somebody has come back to this very page.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    answered();
    for (const form of document.forms) sentAt.delete(form);
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
  // What has a name of its own keeps the focus when its part of the page is read again; all else is found by its place.
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  let place = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const focused = document.activeElement;
    place = null;
    if (focused === document.body || focused.id || !event.detail.target.contains(focused)) return;
    const home = focused.closest("[id]");
    place = { home: home.id, at: [...home.querySelectorAll(FOCUSABLE)].indexOf(focused) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!place || document.activeElement !== document.body) return;
    document.getElementById(place.home)?.querySelectorAll(FOCUSABLE)[place.at]?.focus({ preventScroll: true });
    place = null;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const place = document.getElementById("trouble");
    if (event.detail.successful && place) place.hidden = true;
  });
  document.addEventListener("htmx:responseError", () => say(document.body.dataset.refused));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.unreachable));
})();
