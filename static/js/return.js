// The bank's page has ended here: a window of its own closes, the tab in which everything happened goes on.
"use strict";

(() => {
  const onward = document.querySelector("[data-onward]");
  const isOnlyTab = () => {
    try {
      return sessionStorage.getItem("bank-in-this-tab") === "yes";
    } catch {
      return false; // storage is switched off: the link on the page leads on
    }
  };
  if (isOnlyTab()) {
    sessionStorage.removeItem("bank-in-this-tab");
    window.location.replace(onward.href);
  } else {
    // Some banks' pages cut the tie between the windows; then the browser keeps this one open, and its words say so.
    window.close();
  }
})();
