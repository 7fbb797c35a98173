/* Answers the server does not have yet, kept in this browser: one entry an item, under its person and attempt.
   They never stand in an address, and go when the server has them, the attempt is finished, or somebody else signs in. */
(function () {
  "use strict";
  var ROOT = "quiz/", person = document.documentElement.getAttribute("data-person"), memory = {};

  function store() {
    try { return window.localStorage; } catch (refused) { return null; }
  }

  function names() {
    var found = [], at, all = store();
    for (at = 0; all && at < all.length; at += 1) {
      if (all.key(at).indexOf(ROOT) === 0) { found.push(all.key(at)); }
    }
    return found;
  }

  function forget(unless) {
    names().forEach(function (name) { if (!unless(name.split("/"))) { store().removeItem(name); } });
  }

  /* The shelf of one attempt. Where storage is refused or full, entries last as long as the page. */
  window.portal.kept = function (attempt) {
    var own = ROOT + person + "/" + attempt + "/";
    return {
      put: function (position, entry) {
        memory[position] = entry;
        try { store().setItem(own + position, JSON.stringify(entry)); } catch (full) { /* in memory all the same */ }
      },
      drop: function (position) {
        delete memory[position];
        try { store().removeItem(own + position); } catch (refused) { /* nothing was there */ }
      },
      all: function () {
        var found = {};
        names().forEach(function (name) {
          if (name.indexOf(own) !== 0) { return; }
          try { found[name.slice(own.length)] = JSON.parse(store().getItem(name)); } catch (broken) { store().removeItem(name); }
        });
        return found;
      }
    };
  };

  if (person) { forget(function (parts) { return parts[1] === person; }); }
  var finished = document.querySelector("[data-finished]");
  if (finished) { forget(function (parts) { return parts[2] !== finished.getAttribute("data-finished"); }); }
})();
