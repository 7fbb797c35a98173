/* How far an import is. Without this script the page loads itself anew. */
(function () {
  "use strict";
  var PAUSE = 1500;

  function show(box, told) {
    var bar = box.querySelector("progress"), line = box.querySelector("[data-told]");
    var text = told.total ? line.dataset.told.replace("{done}", told.done).replace("{total}", told.total) : "";
    if (told.done && told.total) { bar.max = told.total; bar.value = told.done; }
    if (line.textContent !== text) { line.textContent = text; }
  }

  function ask(box) {
    fetch(box.dataset.progress, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
        return answer.json();
      })
      .then(function (told) {
        if (!told.working) { window.location.reload(); return; }
        show(box, told);
        window.setTimeout(ask, PAUSE, box);
      })
      /* Without a connection, or signed out: what the page says still holds; it asks again, less often. */
      .catch(function () { window.setTimeout(ask, PAUSE * 4, box); });
  }

  document.querySelectorAll("[data-progress]").forEach(function (box) { window.setTimeout(ask, PAUSE, box); });
})();
