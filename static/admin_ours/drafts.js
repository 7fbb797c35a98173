/* What is being written is kept in this browser until it is saved: after a crash or a lost session the form offers it
   again. Leaving with unsaved changes asks. Ctrl+S saves. Nothing here may ever stand in the way of saving. */
(function () {
  "use strict";
  var PAUSE = 1000, PREFIX = "kept:", LONGEST = 14 * 24 * 3600 * 1000;
  var composing = false, leaving = false, silent = false;

  /* The storage may be full, forbidden or gone: then nothing is kept, and writing goes on. */
  function read(key) {
    try { return JSON.parse(window.localStorage.getItem(key)); } catch (denied) { return null; }
  }
  function write(key, value) {
    try { window.localStorage.setItem(key, JSON.stringify(value)); return true; } catch (denied) { return false; }
  }
  function drop(test) {
    try {
      Object.keys(window.localStorage).forEach(function (key) {
        if (key.indexOf(PREFIX) === 0 && test(key)) { window.localStorage.removeItem(key); }
      });
    } catch (denied) { /* nothing is kept there */ }
  }

  /* Names and values as they would be sent, without what only this page knows. */
  function content(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && !field.disabled && !/^(csrfmiddlewaretoken|base|over)$/.test(field.name) &&
        !/^(submit|button|reset|file|password)$/.test(field.type) && field.name.indexOf("__prefix__") < 0 &&
        (!/^(checkbox|radio)$/.test(field.type) || field.checked);
    }).reduce(function (all, field) {
      if (field.type !== "select-multiple") { return all.concat([[field.name, field.value]]); }
      return all.concat(Array.prototype.filter.call(field.options, function (one) { return one.selected; })
        .map(function (one) { return [field.name, one.value]; }));
    }, []);
  }

  function ago(box, at) {
    var minutes = Math.round((Date.now() - at) / 60000);
    if (minutes < 1) { return box.dataset.sayNow; }
    if (minutes < 60) { return box.dataset.sayMinutes.replace("%(n)s", minutes); }
    if (minutes < 1440) { return box.dataset.sayHours.replace("%(n)s", Math.round(minutes / 60)); }
    return box.dataset.sayDays.replace("%(n)s", Math.round(minutes / 1440));
  }

  function keep(box) {
    var form = box.closest("form"), key = PREFIX + box.dataset.who + ":" + box.dataset.kept;
    var refused = box.dataset.saved === "no", timer = 0, told = false, before, found;
    var base = form.elements.base ? form.elements.base.value : "";

    function dirty() { return refused || JSON.stringify(content(form)) !== before; }
    function save() {
      window.clearTimeout(timer);
      if (composing || leaving || silent) { return; }
      if (!dirty()) { if (!found) { drop(function (each) { return each === key; }); } return; }
      found = null;
      box.hidden = box.hidden || !told;
      if (!write(key, { at: Date.now(), base: base, fields: content(form) }) && !told) {
        told = true;
        say(box.dataset.sayFull);
      }
    }
    function later() { window.clearTimeout(timer); timer = window.setTimeout(save, PAUSE); }
    function say(words) {
      box.querySelector(".doors").hidden = true;
      box.hidden = false;
      box.querySelector("[role=status]").textContent = words;
    }
    /* The server builds the form from what was kept, rows and all, as it does from a save it refuses. */
    function take() {
      var back = document.createElement("form");
      back.method = "post";
      back.action = window.location.href;
      back.hidden = true;
      [["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value], ["_back", "1"], ["base", found.base]]
        .concat(found.fields).forEach(function (pair) {
          var field = document.createElement("textarea");
          field.name = pair[0];
          field.value = pair[1];
          back.appendChild(field);
        });
      document.body.appendChild(back);
      leaving = true;
      back.submit();
    }

    before = JSON.stringify(content(form));
    found = refused ? null : read(key);
    if (found && (!Array.isArray(found.fields) || Date.now() - found.at > LONGEST || JSON.stringify(found.fields) === before)) {
      drop(function (each) { return each === key; });
      found = null;
    }
    if (found) {
      box.querySelector("[role=status]").textContent = box.dataset.sayFound.replace("%(ago)s", ago(box, found.at)) +
        (found.base === base ? "" : box.dataset.sayOld);
      box.hidden = false;
    }
    box.querySelector("[data-take]").addEventListener("click", take);
    box.querySelector("[data-drop]").addEventListener("click", function () {
      drop(function (each) { return each === key; });
      found = null;
      box.hidden = true;
      form.querySelector("input:not([type=hidden]):not([type=submit]), textarea, select").focus();
    });

    ["input", "change", "click", "drop"].forEach(function (name) { form.addEventListener(name, later); });
    document.addEventListener("compositionend", later);
    document.addEventListener("visibilitychange", function () { if (document.hidden) { save(); } });
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) { return; }
      save();
      leaving = true;
      /* Back again by the browser's own button: it asks and keeps once more. */
      window.addEventListener("pageshow", function () { leaving = false; });
    });
    window.addEventListener("beforeunload", function (event) {
      if (leaving || !dirty()) { return; }
      save();
      event.preventDefault();
      event.returnValue = "";
    });
    document.addEventListener("keydown", function (event) {
      var button;
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") { return; }
      event.preventDefault();
      if (composing || event.isComposing || event.keyCode === 229) { return; }
      button = form.querySelector("[name=_draft]") || form.querySelector("[name=_continue], [name=_save]");
      if (button) { button.click(); }
    });
  }

  /* What has been saved is kept no longer: the sentence that says so names it. */
  function saved() {
    document.querySelectorAll(".messagelist li").forEach(function (item) {
      Array.prototype.forEach.call(item.classList, function (name) {
        if (name.indexOf(PREFIX) !== 0) { return; }
        drop(function (key) { return key.split(":").slice(2).join(":") === name.slice(PREFIX.length); });
      });
    });
  }

  /* Signed out in another tab: nothing of this one is to be found by whoever comes next. */
  window.addEventListener("storage", function (event) { if (event.key === "signed-out") { silent = true; } });
  document.addEventListener("compositionstart", function () { composing = true; }, true);
  document.addEventListener("compositionend", function () { composing = false; }, true);
  document.addEventListener("submit", function (event) {
    var words = event.target.getAttribute("data-confirm");
    if (words && !window.confirm(words)) { event.preventDefault(); }
    if (event.target.id === "logout-form") { silent = true; } /* admin.js has just thrown it away */
  });
  document.addEventListener("DOMContentLoaded", function () {
    saved();
    /* After the scripts that number and dress the rows. */
    window.setTimeout(function () { document.querySelectorAll("[data-kept]").forEach(keep); }, 0);
  });
})();
