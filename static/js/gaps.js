/* Finding a card for a query that led nowhere: as the search box does, without leaving the page. */
(function () {
  "use strict";
  var panel = document.querySelector("[data-gap]"), form = panel && panel.querySelector("[data-find]");
  if (!panel) { return; }
  if (document.location.hash === "#open" && panel.querySelector("[role=alert]")) { panel.focus(); }
  if (!form) { return; }
  var portal = window.portal, box = form.querySelector("[type=search]"), slot = panel.querySelector("[data-cards]");
  var waiting = 0, sequence = 0, WAIT = 150;

  box.addEventListener("compositionend", later);
  box.addEventListener("input", later);
  form.addEventListener("submit", function (event) { event.preventDefault(); window.clearTimeout(waiting); ask(); });

  function later() { window.clearTimeout(waiting); waiting = window.setTimeout(ask, WAIT); }

  /* A late answer never takes the place of a later one; where none comes, the form itself is sent. */
  function ask() {
    if (portal.composingNow()) { return; }
    var mine = ++sequence, query = new URLSearchParams(new FormData(form));
    window.fetch(window.location.pathname + "?" + query.toString(), { credentials: "same-origin", headers: { "X-Fragment": "1" } }).then(function (answer) {
      if (answer.headers.get("X-Fragment") !== "cards") { throw new Error("login"); }
      return answer.text();
    }).then(function (html) {
      if (mine !== sequence) { return; }
      slot.innerHTML = html;
      portal.whisper(panel.getAttribute("data-say-found").replace("%s", String(slot.querySelectorAll("li").length)));
    }).catch(function () { if (mine === sequence) { HTMLFormElement.prototype.submit.call(form); } });
  }
})();
