/* Steps put in order: by buttons (keyboard, fingers, screen readers) and by dragging. The selects, which work without
   script, always say the same as the list. */
(function () {
  "use strict";
  var each = Array.prototype.forEach;

  function steps(list) { return Array.prototype.slice.call(list.children); }

  function number(list) {
    steps(list).forEach(function (step, at) { step.querySelector("select").value = String(at + 1); });
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell(list, step) {
    var all = steps(list), words = list.getAttribute("data-say-moved");
    window.portal.whisper(words.replace("{step}", step.querySelector("[data-text]").textContent)
      .replace("{place}", String(all.indexOf(step) + 1)).replace("{all}", String(all.length)));
  }

  function move(list, step, by) {
    var to = steps(list)[steps(list).indexOf(step) + by];
    if (to) { list.insertBefore(step, by < 0 ? to : to.nextSibling); }
    number(list);
    tell(list, step);
  }

  /* Show this order, as the server or this browser has it; nothing for none. */
  window.portal.putInOrder = function (list, keys) {
    keys.forEach(function (key) { list.appendChild(list.querySelector("[data-key='" + key + "']")); });
    steps(list).forEach(function (step, at) { step.querySelector("select").value = keys.length ? String(at + 1) : ""; });
  };

  each.call(document.querySelectorAll("[data-order]"), function (list) {
    var dragged = null, before = null;
    list.addEventListener("click", function (event) {
      var button = event.target.closest("[data-move]");
      if (!button) { return; }
      move(list, button.closest("li"), Number(button.getAttribute("data-move")));
      button.focus();
    });
    steps(list).forEach(function (step) { step.draggable = true; });
    list.addEventListener("dragstart", function (event) {
      if (steps(list).indexOf(event.target) < 0) { return; } // a text or a link, not a step
      dragged = event.target;
      before = steps(list);
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      dragged.classList.add("dragged");
    });
    list.addEventListener("dragover", function (event) {
      var over = event.target.closest("li");
      if (!dragged) { return; }
      event.preventDefault();
      if (!over || over === dragged || over.parentNode !== list) { return; }
      var place = over.getBoundingClientRect();
      list.insertBefore(dragged, event.clientY < place.top + place.height / 2 ? over : over.nextSibling);
    });
    list.addEventListener("drop", function (event) { if (dragged) { event.preventDefault(); } });
    list.addEventListener("dragend", function () {
      if (!dragged) { return; }
      dragged.classList.remove("dragged");
      if (steps(list).some(function (step, at) { return step !== before[at]; })) { number(list); tell(list, dragged); }
      dragged = null;
    });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-keep]")) { number(event.target.closest("[data-q]").querySelector("[data-order]")); }
  });
})();
