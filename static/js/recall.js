/* Recalling and drills: digits choose or rate, Enter shows, answers and goes on, and a clock in words that follows the
   server's. Without script the same forms work by themselves. */
(function () {
  "use strict";
  var page = document.querySelector("[data-recall]");
  if (!page) { return; }
  var portal = window.portal, began = window.performance.now();

  function all(selector) { return Array.prototype.slice.call(page.querySelectorAll(selector)); }
  function typed(target) { return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && !/^(radio|checkbox)$/.test(target.type)); }
  function acts(target) { return Boolean(target.closest("a, button, summary")); }

  document.addEventListener("keydown", function (event) {
    if (!portal.ours(event) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) { return; }
    if (typed(event.target) || document.querySelector("dialog[open]")) { return; }
    if (/^[1-9]$/.test(event.key)) { digit(Number(event.key) - 1, event); }
    else if ((event.key === "Enter" || event.key === " ") && !acts(event.target)) { go(event); }
  });

  /* The nth rating once the answer is shown, else the nth option. */
  function digit(at, event) {
    var reveal = page.querySelector("[data-reveal]"), rating = all("[data-rating]")[at], option = all(".q-options input")[at];
    if (reveal && !reveal.open) { return; }
    if (rating) { event.preventDefault(); rating.click(); }
    else if (option) { event.preventDefault(); option.focus(); option.click(); }
  }

  function go(event) {
    var reveal = page.querySelector("[data-reveal]"), next = page.querySelector("[data-next]");
    var chosen = page.querySelector(".q-options input:checked"), send = page.querySelector("form[data-once] [type=submit]");
    if (reveal && !reveal.open) { event.preventDefault(); reveal.open = true; }
    else if (next) { event.preventDefault(); next.click(); }
    else if (event.key === "Enter" && chosen && send) { event.preventDefault(); send.click(); }
  }

  all("[data-reveal]").forEach(function (reveal) {
    reveal.addEventListener("toggle", function () {
      var shown = reveal.querySelector("[data-shown]");
      if (!reveal.open) { return; }
      // On the answer and not on a rating: a second Enter must not rate.
      shown.focus({ preventScroll: true });
      shown.scrollIntoView({ block: "nearest" });
    });
  });

  /* A second click would be answered with "in another window". */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-once") || event.defaultPrevented) { return; }
    if (form.sent) { event.preventDefault(); return; }
    form.sent = true;
    window.setTimeout(function () { form.sent = false; }, 8000);
  });
  window.addEventListener("pageshow", function () { all("form[data-once]").forEach(function (form) { form.sent = false; }); });

  var focus = page.querySelector(".q .gap, .q textarea, [data-next]");
  if (focus && window.matchMedia("(pointer: fine)").matches) { focus.focus(); }

  /* The clock is the server's; the eye sees each second, the ear three sentences. */
  var clock = page.querySelector("[data-clock]");
  if (!clock) { return; }
  var total = Number(clock.getAttribute("data-remaining")), before = total, ticking = 0;
  function say(name) { return clock.getAttribute("data-say-" + name); }

  function tick() {
    var left = Math.max(0, total - (window.performance.now() - began) / 1000), whole = Math.ceil(left);
    clock.textContent = left > 0 ? say("left").replace("{time}", say("minutes").replace("{minutes}", String(Math.floor(whole / 60))).replace("{seconds}", String(whole % 60))) : say("over");
    [[300, "half"], [60, "last"], [0, "over"]].forEach(function (mark) {
      if (before > mark[0] && left <= mark[0]) { portal.whisper(say(mark[1])); }
    });
    before = left;
    if (left <= 0) { window.clearInterval(ticking); }
  }
  tick();
  if (total > 0) { ticking = window.setInterval(tick, 1000); }
})();
