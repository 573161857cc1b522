// Opens the bank's page in a window of its own while this page waits. Without it the plain form goes there itself.
"use strict";

(() => {
  const ask = async (form) => {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (response.redirected) return { moved: response.url };
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    return isJson ? { way: await response.json() } : { page: await response.text() };
  };

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    // A page without the frame, such as that of a failure, takes the place of all of this one.
    const isWhole = !page.querySelector(".shell");
    if (isWhole) document.documentElement.replaceWith(page.documentElement);
    else document.querySelector("main").replaceWith(page.querySelector("main"));
    document.dispatchEvent(new Event("answered"));
    const place = document.querySelector("main [aria-invalid='true'], main [role='alert']:not([hidden])");
    place?.focus();
  };

  // The way back from the bank leads on by itself in the tab that went there, and only in that one.
  const goInThisTab = () => {
    try {
      sessionStorage.setItem("bank-in-this-tab", "yes");
    } catch {
      // Storage is switched off: the way back then asks for a press.
    }
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("#open-here")) goInThisTab();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-connect]");
    if (!form) return;
    event.preventDefault();
    // The window must open now, in answer to the press itself: a moment later it counts as a pop-up and is blocked.
    const bank = window.open("", "bank", "popup,width=560,height=780");
    form.querySelector("[type=submit]").disabled = true;
    try {
      if (bank) bank.document.body.textContent = form.dataset.opening;
      const { way, page, moved } = await ask(form);
      if (way && bank && !bank.closed) {
        bank.location.replace(way.bank);
        window.location.assign(way.waiting);
      } else if (way) {
        window.location.assign(`${way.waiting}?blocked=1`);
      } else {
        bank?.close();
        if (moved) window.location.assign(moved);
        else show(page);
      }
    } catch {
      bank?.close();
      goInThisTab();
      form.submit();
    }
  });
})();
