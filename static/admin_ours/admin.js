/* Every admin page: the reader's theme, no form sent while an input method composes, a clean sign-out. */
(function () {
  "use strict";
  var theme = document.querySelector("meta[name=theme]"), composing = false;
  /* In the head and not deferred, so that no page flashes in the wrong colours. */
  if (theme) { document.documentElement.setAttribute("data-theme", theme.content); }

  document.addEventListener("compositionstart", function () { composing = true; }, true);
  document.addEventListener("compositionend", function () { composing = false; }, true);
  document.addEventListener("submit", function (event) {
    if (composing) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    /* What staff filled in for customers ends with their session, and the site's other pages hear of it (js/variables.js). */
    if (event.target.id === "logout-form") {
      try {
        window.sessionStorage.clear();
        window.localStorage.setItem("signed-out", String(Date.now()));
      } catch (denied) { /* nothing was kept */ }
    }
  }, true);
})();
