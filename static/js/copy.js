/* Copying a line: plain text, refused while a field is empty, seen and heard. */
(function () {
  "use strict";
  var portal = window.portal;

  /* Old browsers and plain-http intranets have no clipboard interface. */
  function fallback(text) {
    var area = document.createElement("textarea"), active = document.activeElement;
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "hidden";
    document.body.appendChild(area);
    area.select();
    var done = false;
    try { done = document.execCommand("copy"); } catch (refused) { done = false; }
    document.body.removeChild(area);
    if (active && active.focus) { active.focus({ preventScroll: true }); }
    return done ? Promise.resolve() : Promise.reject(new Error("refused"));
  }

  portal.clip = function (text) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text).catch(function () { return fallback(text); });
    }
    return fallback(text);
  };

  /* Copies the line unless a field is empty: then that field gets the focus. Returns whether it copied. */
  portal.copyLine = function (line, query) {
    portal.fields.expire();
    var empty = portal.fields.firstEmpty(line);
    if (empty) {
      var name = empty.getAttribute("data-var"), input = portal.fields.inputFor(name);
      if (input) { input.focus(); input.setAttribute("data-for", line.id || line.getAttribute("data-code")); }
      portal.say((input ? input.placeholder : "") + " · " + name, true);
      return false;
    }
    var text = portal.fields.text(line);
    portal.clip(text).then(function () {
      var words = document.body.getAttribute("data-say-copied") || "";
      line.classList.add("copied");
      portal.say(words + " " + line.getAttribute("data-code") + " · " + text.slice(0, 16) + (text.length > 16 ? "…" : ""));
      count(line, query);
    }, function () { portal.say(document.body.getAttribute("data-say-refused"), true); });
    return true;
  };

  /* Counting never stands in the way of copying: a count that fails is a count lost. */
  function count(line, query) {
    var uuid = line.getAttribute("data-uuid");
    if (uuid) { portal.post("/lines/" + uuid + "/copied/", { q: query || "" }).catch(function () {}); }
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]"), share = event.target.closest("[data-share]");
    if (button) { portal.copyLine(button.closest("[data-line]"), ""); }
    if (share) {
      event.preventDefault();
      portal.clip(share.href).then(function () { portal.say(share.getAttribute("data-share")); }, function () { window.location.assign(share.href); });
    }
  });

  /* Enter in a field copies the line that asked for it. */
  document.addEventListener("keydown", function (event) {
    var input = event.target;
    if (event.key !== "Enter" || !portal.ours(event) || !input.closest || !input.closest("[data-vars]")) { return; }
    if (document.querySelector("[data-finder]")) { return; }
    event.preventDefault();
    if (event.repeat) { return; }
    var line = document.getElementById(input.getAttribute("data-for"));
    if (line) { portal.copyLine(line, ""); }
  });
})();
