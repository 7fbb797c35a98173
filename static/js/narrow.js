// A long list of boxes, narrowed by what is typed. What is ticked stays in sight. For the site's forms and the admin's.
(function () {
  "use strict";
  function start(box) {
    var input = box.querySelector("input"), said = box.querySelector("[data-shown]");
    var rows = Array.prototype.slice.call(document.getElementById(box.getAttribute("data-narrow")).querySelectorAll("li"));
    box.hidden = rows.length < 8;
    function narrow() {
      var wanted = input.value.trim().toLowerCase();
      var shown = rows.filter(function (row) {
        row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0 && !row.querySelector("input").checked;
        return !row.hidden;
      });
      said.textContent = wanted ? said.getAttribute("data-shown").replace("%s", shown.length) : "";
    }
    input.addEventListener("input", function (event) { if (!event.isComposing) { narrow(); } });
    input.addEventListener("compositionend", narrow);
    // Enter finds somebody; it does not send the form off half filled in.
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
  }
  function begin() { document.querySelectorAll("[data-narrow]").forEach(start); }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", begin); } else { begin(); }
})();
