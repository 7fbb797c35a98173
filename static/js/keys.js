/* Site-wide keys. While an input method composes, no key does anything of ours, and no form goes out. */
(function () {
  "use strict";
  var pending = 0, composing = false, ended = 0;

  document.addEventListener("compositionstart", function () { composing = true; }, true);
  document.addEventListener("compositionend", function (event) { composing = false; ended = event.timeStamp; }, true);
  /* Safari sends the confirming Enter after compositionend; the same instant still belongs to the input method. */
  window.portal.ours = function (event) {
    return !composing && !window.portal.composing(event) && !(event.key === "Enter" && event.timeStamp - ended < 20 && ended > 0);
  };
  window.portal.composingNow = function () { return composing; };
  document.addEventListener("submit", function (event) {
    if (composing) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  document.addEventListener("keydown", function (event) {
    if (!window.portal.ours(event) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (document.querySelector("dialog[open]")) { return; }
    if (window.portal.typing(event.target)) { return; }
    if (pending) { follow(event); return; }
    if (event.key === "/") { focusSearch(event); }
    else if (event.key === "?") { event.preventDefault(); window.portal.open("shortcuts"); }
    else if (event.key === "g") { pending = window.setTimeout(function () { pending = 0; }, 1000); }
  });

  function follow(event) {
    window.clearTimeout(pending);
    pending = 0;
    var target = { h: "/", p: "/phrases/", l: "/learn/", t: "/practice/", c: "/check/" }[event.key];
    if (target) { event.preventDefault(); window.location.assign(target); }
  }

  function focusSearch(event) {
    var box = document.querySelector("[data-query]");
    event.preventDefault();
    if (box) { box.focus(); box.select(); } else { window.location.assign("/phrases/#q"); }
  }
})();
