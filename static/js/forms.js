/* Forms that came back with errors: the summary is read, and the first wrong field has the focus. */
(function () {
  "use strict";
  var wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) { wrong.focus(); }
})();
