// Behaviour of the trainers' tables.
(function () {
  "use strict";

  /* The board is one stop for Tab: arrows lead from number to number. Without script every number is a stop. */
  var grid = document.querySelector("[data-grid]");
  if (grid) { walk(Array.prototype.slice.call(grid.querySelectorAll("tbody tr"))); }

  function walk(rows) {
    var links = rows.map(function (row) {
      return Array.prototype.map.call(row.cells, function (cell) { return cell.querySelector("a"); });
    });
    var now = null;

    links.forEach(function (row) { row.forEach(function (link) { if (link) { link.tabIndex = -1; now = now || link; } }); });
    if (now) { now.tabIndex = 0; }

    grid.addEventListener("focusin", function (event) {
      var link = event.target.closest("tbody a");
      if (!link) { return; }
      now.tabIndex = -1;
      now = link;
      now.tabIndex = 0;
    });

    grid.addEventListener("keydown", function (event) {
      if (!window.portal.ours(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) { return; }
      var cell = event.target.closest("tbody td, tbody th");
      var step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1], End: [0, 1] }[event.key];
      if (!cell || !step) { return; }
      event.preventDefault();
      var next = far(rows.indexOf(cell.parentNode), cell.cellIndex, step, event.key === "Home" || event.key === "End");
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    });

    /* The next number that way, or the last one; gaps are stepped over. */
    function far(row, at, step, last) {
      var found = null;
      for (row += step[0], at += step[1]; links[row] && at >= 0 && at < links[row].length; row += step[0], at += step[1]) {
        if (links[row][at]) { found = links[row][at]; if (!last) { break; } }
      }
      return found;
    }
  }
})();
