/* Lists of parts in a form: blank rows by a button, rows taken back by another. Order is rows.js. Without this script
   blank rows stand at the end, and a tick takes a row back. */
(function () {
  "use strict";
  var live = null;

  function own(group, selector) {
    return Array.prototype.filter.call(group.querySelectorAll(selector), function (found) {
      return found.closest("[data-rows]") === group;
    });
  }

  /* The number of a new row: behind every other there is, so that no name comes twice. */
  function next(group) {
    return own(group, "[data-position]").reduce(function (top, field) {
      return Math.max(top, Number(/-(\d+)-position$/.exec(field.name)[1]) + 1);
    }, 0);
  }

  function add(group, button) {
    var holder = document.createElement("div"), row;
    /* The first gap of each name is this row's; those behind it belong to the rows within. */
    holder.innerHTML = own(group, "template")[0].innerHTML.replace(
      /(\s(?:name|id|for|aria-describedby)="[^"]*?)__prefix__/g, "$1" + next(group));
    row = holder.querySelector("[data-row]");
    group.insertBefore(row, own(group, "template")[0]);
    row.querySelectorAll("[data-rows]").forEach(dress);
    own(group, "[data-row]").slice(-1).concat(Array.from(row.querySelectorAll("[data-row]"))).forEach(function (each) {
      dressRow(each);
      each.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: "" } }));
    });
    (row.querySelector("textarea, select, input:not([type=hidden]):not([data-position])") || button).focus();
  }

  function remove(group, row) {
    var rows = own(group, "[data-row]"), other = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    row.remove();
    if (other) { other.querySelector(".drop button").focus(); } else { own(group, ".add")[0].focus(); }
    live.textContent = "";
    live.textContent = group.dataset.sayRemoved;
  }

  function dressRow(row) {
    var label = own(row.closest("[data-rows]"), ".drop").filter(function (one) { return row.contains(one); })[0];
    var button;
    if (!label || label.querySelector("button") || label.tagName !== "LABEL") { return; }
    button = document.createElement("button");
    button.type = "button";
    button.className = "button remove";
    button.textContent = label.textContent.trim();
    button.addEventListener("click", function () { remove(row.closest("[data-rows]"), row); });
    label.replaceWith(Object.assign(document.createElement("span"), { className: "drop" }));
    own(row.closest("[data-rows]"), ".drop").filter(function (one) { return row.contains(one); })[0].appendChild(button);
  }

  function dress(group) {
    own(group, "[data-row]").forEach(dressRow);
    own(group, ".add").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { add(group, button); });
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    live = document.createElement("p");
    live.className = "moved";
    live.setAttribute("role", "status");
    document.body.appendChild(live);
    document.querySelectorAll("[data-rows]").forEach(dress);
  });
})();
