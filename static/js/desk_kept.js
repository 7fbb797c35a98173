/* What the desk has not got yet, kept in this browser: replies on their way and what is being typed, by person, run
   and customer. It goes when the server has it, the run is over, somebody else signs in, or on signing out. */
(function () {
  "use strict";
  var ROOT = "kept:desk/", person = document.documentElement.getAttribute("data-person"), memory = {};

  function store() {
    try { return window.localStorage; } catch (refused) { return null; }
  }

  function forget(unless) {
    var all = store(), names = [], at;
    for (at = 0; all && at < all.length; at += 1) {
      if (all.key(at).indexOf(ROOT) === 0) { names.push(all.key(at)); }
    }
    names.forEach(function (name) { if (!unless(name.slice(ROOT.length).split("/"))) { all.removeItem(name); } });
  }

  /* Of one customer: {"draft", "queue": [{"sequence", "text", "card"}]}. Where storage is refused it lasts as long as
     the page. */
  window.portal.deskKept = function (run, position) {
    var name = ROOT + person + "/" + run + "/" + position;
    return {
      read: function () {
        try { return JSON.parse(store().getItem(name)) || memory[name] || { draft: "", queue: [] }; }
        catch (broken) { return memory[name] || { draft: "", queue: [] }; }
      },
      write: function (entry) {
        memory[name] = entry;
        try {
          if (entry.draft || entry.queue.length) { store().setItem(name, JSON.stringify(entry)); } else { store().removeItem(name); }
        } catch (full) { /* in memory all the same */ }
      }
    };
  };

  if (person) { forget(function (parts) { return parts[0] === person; }); }
  var finished = document.querySelector("[data-finished-run]");
  if (finished) { forget(function (parts) { return parts[1] !== finished.getAttribute("data-finished-run"); }); }
})();
