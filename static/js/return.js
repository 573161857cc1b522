// The bank's page has ended here: a window of its own closes, any other goes on.
"use strict";

(() => {
  const onward = document.querySelector("[data-onward]");
  const goOn = () => window.location.replace(onward.href);
  if (window.opener || window.name === "bank") {
    window.close();
    // Browsers close only what a script opened; where that is not so, the person goes on in this window.
    setTimeout(goOn, 600);
  } else {
    goOn();
  }
})();
