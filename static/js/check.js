/* The reply checker: judged as the writer pauses, never while an input method composes, and no late answer in the place of a later one. */
(function () {
  "use strict";
  var page = document.querySelector("[data-checker]");
  if (!page) { return; }
  var portal = window.portal, form = page.querySelector("[data-check]"), box = form.elements.reply, slot = page.querySelector("[data-judgement]");
  var waiting = 0, sequence = 0, told = "", asked = box.value, at = -1, WAIT = 400;
  /* More than can be judged is not sent; a little more, so that the server says that it was cut. */
  var most = 2 * Number(page.getAttribute("data-longest")) + 2;

  box.addEventListener("input", later);
  box.addEventListener("compositionend", later);
  form.addEventListener("submit", function (event) { event.preventDefault(); window.clearTimeout(waiting); asked = null; ask(); });

  function later() { window.clearTimeout(waiting); waiting = window.setTimeout(ask, WAIT); }

  function ask() {
    if (portal.composingNow() || box.value === asked) { return; }
    var mine = ++sequence;
    asked = box.value;
    at = -1;
    if (!asked.trim()) { slot.textContent = ""; told = ""; return; }
    if (slot.firstElementChild) { slot.firstElementChild.setAttribute("aria-busy", "true"); }
    portal.post(page.getAttribute("data-judge"), { reply: asked.slice(0, most) }).then(function (answer) {
      if (answer.redirected || answer.headers.get("X-Fragment") !== "judgement") { throw new Error("login"); }
      return answer.text();
    }).then(function (html) {
      if (mine !== sequence) { return; }
      slot.innerHTML = html;
      tell();
    }).catch(function (error) {
      if (mine !== sequence) { return; }
      asked = null;
      if (error.message === "login") { HTMLFormElement.prototype.submit.call(form); return; }
      if (slot.firstElementChild) { slot.firstElementChild.removeAttribute("aria-busy"); }
      portal.say(page.getAttribute("data-say-offline"), true);
    });
  }

  /* Spoken once for each new verdict: not for every letter. */
  function tell() {
    var one = slot.querySelector("[data-sum]"), words = one ? sum(one) : "";
    if (words && words !== told) { portal.whisper(words); }
    told = words;
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "F8" || !portal.ours(event) || event.ctrlKey || event.altKey || event.metaKey) { return; }
    var found = slot.querySelectorAll("[data-finding]");
    if (!found.length || box.value !== asked) { return; }
    event.preventDefault();
    at = (at + (event.shiftKey ? (at < 0 ? 0 : -1) : 1) + found.length) % found.length;
    show(found, found[at]);
  });

  /* The words stand selected in the box, ready to be written over; what is wrong with them is read aloud. */
  function show(all, one) {
    all.forEach(function (other) { other.classList.toggle("at", other === one); });
    box.focus();
    box.setSelectionRange(Number(one.getAttribute("data-start")), Number(one.getAttribute("data-end")));
    one.scrollIntoView({ block: "nearest" });
    portal.whisper(one.querySelector("h3").textContent + " " + one.querySelector("q").textContent);
  }

  slot.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy-text]");
    if (!button) { return; }
    copy(button.parentNode.querySelector("[data-text]").textContent);
  });

  function copy(text) {
    var body = document.body;
    portal.clip(text).then(function () {
      portal.say(body.getAttribute("data-say-copied"));
    }).catch(function () { portal.say(body.getAttribute("data-say-refused"), true); });
  }

  page.querySelector("[data-copy-reply]").addEventListener("click", function () {
    if (box.value.trim()) { copy(box.value); } else { box.focus(); }
  });
  page.querySelector("[data-empty]").addEventListener("click", function () {
    box.focus();
    box.select();
    write("");
  });

  /* A suggestion takes the place of the words it is for, as if it had been typed: the browser's own undo takes it back. */
  slot.addEventListener("click", function (event) {
    var button = event.target.closest("[data-put]"), one = button && button.closest("[data-finding]");
    if (!button || portal.composingNow()) { return; }
    var start = Number(one.getAttribute("data-start")), end = Number(one.getAttribute("data-end"));
    if (box.value.slice(start, end) !== one.querySelector("q").textContent) {
      portal.say(page.getAttribute("data-say-moved"), true);
      asked = null;
      ask();
      return;
    }
    var words = button.getAttribute("data-put");
    /* A whole sentence takes the place of the clause; what stood around the words would hang on to it. */
    if (button.hasAttribute("data-clause")) {
      while (start > 0 && !ends(start - 1)) { start -= 1; }
      while (end < box.value.length && !ends(end)) { end += 1; }
    }
    if (/[，。！？；、,.!?;~～…\s]/.test(box.value.charAt(end))) { words = words.replace(/[。！？.!?]$/, ""); }
    box.focus();
    box.setSelectionRange(start, end);
    write(words);
    portal.say(page.getAttribute("data-say-replaced"));
  });

  /* Whether a clause ends here; the point of a number ends none. */
  function ends(at) { return /^(?:[，。！？；、!?;~～…\n]|[.,](?!\d))/.test(box.value.slice(at, at + 2)); }

  function write(words) {
    var done = false, start = box.selectionStart;
    try { done = document.execCommand(words ? "insertText" : "delete", false, words); } catch (refused) { done = false; }
    if (done) { return; }
    box.setRangeText(words, start, box.selectionEnd, "end");
    later();
  }

  /* Nothing of a judgement waits in the browser's memory of pages left; whoever comes back has it made anew. */
  window.addEventListener("pagehide", function () { sequence += 1; window.clearTimeout(waiting); slot.textContent = ""; told = ""; });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { asked = null; ask(); } });

  function sum(one) { return one.getAttribute("data-sum").replace(/\s+/g, " ").replace(/ (?=[,:，：])/g, "").trim(); }

  if (slot.querySelector("[data-sum]")) { told = sum(slot.querySelector("[data-sum]")); }
})();
