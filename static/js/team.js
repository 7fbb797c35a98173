// Behaviour of the trainers' tables.
(function () {
  "use strict";
})();
// A long list of boxes, narrowed by what is typed. What is ticked stays ticked, shown or not.
(function () {
  "use strict";
  document.querySelectorAll("[data-narrow]").forEach(function (box) {
    var input = box.querySelector("input"), said = box.querySelector("[data-shown]");
    var rows = Array.prototype.slice.call(box.closest("fieldset").querySelectorAll("li"));
    box.hidden = rows.length < 8;
    function narrow() {
      var wanted = input.value.trim().toLowerCase();
      var shown = rows.filter(function (row) {
        row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0 && !row.querySelector("input").checked;
        return !row.hidden;
      });
      said.textContent = wanted ? said.getAttribute("data-shown").replace("%s", shown.length) : "";
    }
    input.addEventListener("input", function (event) { if (!window.portal.composing(event)) { narrow(); } });
    input.addEventListener("compositionend", narrow);
    // Enter looks for somebody; it does not send the form off half filled in.
    input.addEventListener("keydown", function (event) { if (event.key === "Enter" && window.portal.ours(event)) { event.preventDefault(); } });
  });
})();
