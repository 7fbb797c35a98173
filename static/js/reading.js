/* Reading a lesson: how long, how far, and the checkpoints in place. */
(function () {
  "use strict";
  var page = document.querySelector("[data-lesson]");
  if (!page) { return; }
  var portal = window.portal, article = page.querySelector(".read"), contents = page.querySelector(".contents");
  var EVERY = 30, IDLE = 60, MOST = 30;
  var seconds = 0, sinceSent = 0, touched = Date.now(), told = "";

  /* A phone begins with the text, not with the list of all lessons. */
  if (window.matchMedia("(max-width: 860px)").matches) { contents.open = false; }

  /* --- how long and how far ----------------------------------------------------------------------------- */

  ["scroll", "pointermove", "pointerdown", "keydown"].forEach(function (kind) {
    window.addEventListener(kind, function () { touched = Date.now(); }, { passive: true });
  });

  /* The last heading of the text above the middle of the window; cards and checkpoints have headings of their own. */
  function place() {
    var found = "", middle = window.innerHeight / 2;
    Array.prototype.forEach.call(article.children, function (part) {
      if (/^H[23]$/.test(part.tagName) && part.id && part.getBoundingClientRect().top < middle) { found = part.id; }
    });
    return found;
  }

  function send() {
    var here = place();
    sinceSent = 0;
    if (!seconds && here === told) { return; }
    var claimed = Math.min(seconds, MOST);
    seconds = 0;
    told = here;
    /* A beacon that is lost is thirty seconds lost, no more. */
    portal.post(page.getAttribute("data-beacon"), { seconds: String(claimed), place: here }).catch(function () {});
  }

  window.setInterval(function () {
    var active = document.visibilityState === "visible" && Date.now() - touched < IDLE * 1000;
    if (active) { seconds += 1; }
    sinceSent += 1;
    if (sinceSent >= EVERY && active) { send(); }
  }, 1000);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") { send(); } });

  /* --- checkpoints --------------------------------------------------------------------------------------- */

  function answer(button) {
    var check = button.closest("[data-check]"), chosen = check.querySelector("input:checked"), fields = {};
    if (!chosen) { check.querySelector("input").focus(); portal.say(check.getAttribute("data-say-choose"), true); return; }
    fields[chosen.name] = chosen.value;
    button.disabled = true;
    portal.post(button.formAction, fields).then(function (reply) {
      if (reply.redirected || reply.status === 403) { portal.signIn(); throw new Error("login"); }
      if (!reply.ok || reply.headers.get("X-Fragment") !== "check") { throw new Error("lost"); }
      return reply.text();
    }).then(function (html) {
      var id = check.id, fresh;
      check.outerHTML = html;
      fresh = document.getElementById(id);
      fresh.querySelector("input:checked").focus({ preventScroll: true });
      portal.whisper(Array.prototype.map.call(fresh.querySelectorAll(".feedback"), function (one) { return one.textContent.trim(); }).join(" "));
    }).catch(function (error) {
      button.disabled = false;
      if (error.message !== "login") { portal.say(article.getAttribute("data-say-lost"), true); }
    });
  }

  article.addEventListener("click", function (event) {
    var button = event.target.closest("[data-answer]");
    if (button) { event.preventDefault(); answer(button); }
  });
  /* Enter on an option answers this checkpoint; left to the browser it would press the first button of the page. */
  article.addEventListener("keydown", function (event) {
    var check = event.target.closest("[data-check]");
    if (event.key === "Enter" && check && event.target.type === "radio" && portal.ours(event)) {
      event.preventDefault();
      check.querySelector("[data-answer]").click();
    }
  });
})();
