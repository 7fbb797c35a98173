/* Answers in the fields of a question: read them, and show one. The same shapes as training/grading.py keeps. */
(function () {
  "use strict";

  function all(field, selector) { return Array.prototype.slice.call(field.querySelectorAll(selector)); }
  function byNumber(one, other) { return Number(one) - Number(other); }
  function text(field) { return field.querySelector("input[type=text], textarea"); }

  var READ = {
    single: function (field) {
      var chosen = field.querySelector("input:checked");
      return chosen ? chosen.value : null;
    },
    multiple: function (field) {
      var chosen = all(field, "input:checked").map(function (input) { return input.value; }).sort(byNumber);
      return chosen.length ? chosen : null;
    },
    ordering: function (field) {
      var steps = all(field, "[data-order] > li");
      if (!steps.every(function (step) { return step.querySelector("select").value; })) { return null; }
      return steps.map(function (step) { return step.getAttribute("data-key"); });
    },
    matching: function (field) {
      var pairs = {}, some = false;
      all(field, "select").forEach(function (select) {
        if (select.value) { pairs[select.getAttribute("data-key")] = select.value; some = true; }
      });
      return some ? pairs : null;
    },
    text: function (field) { return text(field).value.trim() || null; }
  };
  var SHOW = {
    single: function (field, answer) {
      all(field, "input[type=radio]").forEach(function (input) { input.checked = input.value === answer; });
    },
    multiple: function (field, answer) {
      all(field, "input[type=checkbox]").forEach(function (input) { input.checked = (answer || []).indexOf(input.value) >= 0; });
    },
    ordering: function (field, answer) { window.portal.putInOrder(field.querySelector("[data-order]"), answer || []); },
    matching: function (field, answer) {
      all(field, "select").forEach(function (select) { select.value = (answer || {})[select.getAttribute("data-key")] || ""; });
    },
    text: function (field, answer) { text(field).value = answer || ""; }
  };
  var KINDS = { truefalse: "single", better: "single", fill: "text", rewrite: "text" };

  function kind(field) {
    var name = field.getAttribute("data-kind");
    return KINDS[name] || name;
  }

  window.portal.answers = {
    read: function (field) { return READ[kind(field)](field); },
    show: function (field, answer) { SHOW[kind(field)](field, answer); },
    typed: function (field) { return kind(field) === "text"; },
    /* Answers as text to compare: an object's keys in one order, whatever order the database gave them. */
    text: function (answer) {
      return JSON.stringify(answer && answer.constructor === Object ? Object.keys(answer).sort(byNumber).map(function (key) { return [key, answer[key]]; }) : answer);
    }
  };
})();
