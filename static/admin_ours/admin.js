/* Every admin page: the reader's theme, no form sent while an input method composes, a clean sign-out. */
(function () {
  "use strict";
  var theme = document.querySelector("meta[name=theme]"), composing = false;
  /* In the head and not deferred, so that no page flashes in the wrong colours. */
  if (theme) { document.documentElement.setAttribute("data-theme", theme.content); }

  /* The calendar's days are single Latin letters in stock admin's Chinese. */
  document.addEventListener("DOMContentLoaded", function () {
    /* A heading over nothing: stock admin keeps a column for what is hidden. */
    document.querySelectorAll("th.original:empty").forEach(function (empty) { empty.setAttribute("role", "presentation"); });
    var calendar = window.CalendarNamespace;
    if (calendar && /^zh/.test(document.documentElement.lang)) { calendar.daysOfWeekInitial = "日一二三四五六".split(""); }
  });

  document.addEventListener("compositionstart", function () { composing = true; }, true);
  document.addEventListener("compositionend", function () { composing = false; }, true);
  document.addEventListener("submit", function (event) {
    if (composing) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    /* What staff filled in for customers ends with their session, and the site's other pages hear of it (js/variables.js). */
    if (event.target.id === "logout-form") {
      try {
        window.sessionStorage.clear();
        Object.keys(window.localStorage).forEach(function (key) {
          if (key.indexOf("kept:") === 0) { window.localStorage.removeItem(key); }
        });
        window.localStorage.setItem("signed-out", String(Date.now()));
      } catch (denied) { /* nothing was kept */ }
    }
  }, true);
})();
