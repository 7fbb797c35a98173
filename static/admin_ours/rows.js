/* Rows in order: drag by the handle, or move with the buttons. The order travels in the position fields, which
   stay plain number fields without this script. */
(function () {
  "use strict";
  var dragged = null, live = null;

  /* Rows of a formset, and of a list within a form (lists.js), which may hold lists of its own. */
  var ROW = "tr.form-row, div.inline-related, [data-row]", GROUP = ".inline-group, [data-rows]";

  function fieldOf(row) {
    return Array.prototype.filter.call(row.querySelectorAll("[data-position]"), function (field) {
      return field.closest(ROW) === row;
    })[0];
  }
  function groupOf(row) { return row.closest(GROUP); }
  function rowsOf(group) {
    return Array.prototype.filter.call(group.querySelectorAll(ROW), function (row) {
      return groupOf(row) === group && !row.classList.contains("empty-form") && !row.classList.contains("tabular") &&
        fieldOf(row);
    });
  }
  function number(group) {
    rowsOf(group).forEach(function (row, place) {
      fieldOf(row).value = place;
      if (row.dataset.sayRow) { row.setAttribute("aria-label", row.dataset.sayRow.replace("%(row)s", place + 1)); }
    });
  }

  function say(row) {
    var rows = rowsOf(groupOf(row)), words = fieldOf(row).dataset.sayMoved;
    live.textContent = words.replace("%(place)s", rows.indexOf(row) + 1).replace("%(all)s", rows.length);
  }

  function move(row, step, button) {
    var rows = rowsOf(groupOf(row)), other = rows[rows.indexOf(row) + step];
    if (!other) { return; }
    other.parentNode.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
    number(groupOf(row));
    button.focus();
    say(row);
  }

  function button(label, sign, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "move";
    made.textContent = sign;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", function () { act(made); });
    return made;
  }

  function dress(row) {
    var field = fieldOf(row), tools, handle;
    if (!field || field.hidden) { return; }
    tools = document.createElement("span");
    tools.className = "row-tools";
    handle = document.createElement("span");
    handle.className = "drag";
    handle.textContent = "⠿";
    handle.title = field.dataset.sayDrag;
    handle.setAttribute("aria-hidden", "true");
    handle.draggable = true;
    handle.addEventListener("dragstart", function (event) {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(row, 0, 0);
      row.classList.add("dragged");
    });
    handle.addEventListener("dragend", function () {
      row.classList.remove("dragged");
      number(groupOf(row));
      say(row);
      dragged = null;
    });
    tools.appendChild(handle);
    tools.appendChild(button(field.dataset.sayUp, "↑", function (made) { move(row, -1, made); }));
    tools.appendChild(button(field.dataset.sayDown, "↓", function (made) { move(row, 1, made); }));
    field.parentNode.insertBefore(tools, field);
    field.hidden = true;
    row.addEventListener("dragover", function (event) {
      var box;
      if (!dragged || dragged === row || groupOf(dragged) !== groupOf(row)) { return; }
      event.preventDefault();
      box = row.getBoundingClientRect();
      row.parentNode.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? row : row.nextSibling);
    });
    row.addEventListener("drop", function (event) { if (dragged) { event.preventDefault(); } });
  }

  /* Django renumbers the rows by their place on the page when one is removed, and stored rows must come first:
     the old order is given back for that moment. */
  function around(group) {
    function sort(key) {
      rowsOf(group).sort(function (one, other) { return key(one) - key(other); }).forEach(function (row) {
        var end = group.querySelector(".empty-form");
        end.parentNode.insertBefore(row, end);
      });
    }
    sort(function (row) { return Number(/-(\d+)-position$/.exec(fieldOf(row).name)[1]); });
    window.setTimeout(function () { sort(function (row) { return Number(fieldOf(row).value); }); number(group); }, 0);
  }

  function ready() {
    live = document.createElement("p");
    live.className = "moved";
    live.setAttribute("role", "status");
    document.querySelectorAll(GROUP).forEach(function (group) {
      var rows = rowsOf(group);
      if (!rows.length) { return; }
      document.body.appendChild(live);
      document.documentElement.classList.add("ordering");
      rows.forEach(dress);
      number(group);
    });
    document.addEventListener("formset:added", function (event) {
      if (fieldOf(event.target)) { dress(event.target); number(groupOf(event.target)); }
    });
    document.addEventListener("formset:removed", function (event) {
      var group = document.getElementById(event.detail.formsetName + "-group");
      if (group && rowsOf(group).length) { around(group); }
    });
  }

  document.addEventListener("DOMContentLoaded", ready);
})();
