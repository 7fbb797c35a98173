/* The quiet bar of a better reply, and the typing drill. */
(function () {
  "use strict";
  var portal = window.portal;

  /* --- better reply: when the bar has run out, the form goes as it is --------------------------------------- */
  var bar = document.querySelector("[data-round-clock]");
  if (bar) {
    var form = bar.closest("form"), began = window.performance.now();
    var left = Number(bar.getAttribute("data-remaining")), whole = Number(bar.getAttribute("data-seconds"));
    var running = window.setInterval(function () {
      var now = Math.max(0, left - (window.performance.now() - began) / 1000);
      bar.querySelector("[data-bar]").setAttribute("width", String(100 * now / whole));
      if (now > 0) { return; }
      window.clearInterval(running);
      if (form.sent) { return; }
      form.sent = true;
      // What is chosen but not sent goes along: the server's clock has a little patience.
      HTMLFormElement.prototype.submit.call(form);
    }, 200);
  }

  /* --- typing: what the input method has put in, line by line ------------------------------------------------ */
  var drill = document.querySelector("[data-typing]");
  if (!drill) { return; }
  var lines = Array.prototype.map.call(drill.querySelectorAll("[data-line]"), function (row) {
    return { row: row, text: row.querySelector("[data-text]").textContent, field: row.querySelector("textarea"), typed: "" };
  });
  var totals = drill.querySelector("[data-totals]"), figures = drill.querySelector("[data-figures]");
  var longest = Number(drill.getAttribute("data-longest")), started = 0, last = 0, over = false, sending = false, timer = 0;

  var GIVEN = /^$|^insert(FromPaste|FromPasteAsQuotation|FromDrop|FromYank|ReplacementText)$/;

  function say(name) { return drill.getAttribute("data-say-" + name); }
  function characters(text) { return Array.from(text); }
  function tidy(text) { return text.replace(/\s+/g, " ").trim(); }

  /* The changes that make one text of the other; `far` holds them for each beginning of the wanted text, too. */
  function distances(wanted, typed) {
    var one = characters(wanted), other = characters(typed), before = other.map(function (_, at) { return at + 1; }), far;
    before.unshift(0);
    far = [other.length];
    one.forEach(function (here, at) {
      var row = [at + 1];
      other.forEach(function (there, to) { row.push(Math.min(before[to + 1] + 1, row[to] + 1, before[to] + (here === there ? 0 : 1))); });
      before = row;
      far.push(row[row.length - 1]);
    });
    return far;
  }

  function count() {
    var begun = 0, sum = { lines: 0, characters: 0, mistakes: 0, wanted: 0, milliseconds: 0 };
    lines.forEach(function (line, at) { if (tidy(line.typed)) { begun = at + 1; } });
    lines.slice(0, begun).forEach(function (line, at) {
      var typed = tidy(line.typed), far = distances(line.text, typed), length = far.length - 1;
      // The line in hand is held against the beginning of it that fits best: what was not reached is no mistake.
      if (at === begun - 1) { length = far.lastIndexOf(Math.min.apply(null, far)); }
      sum.characters += characters(typed).length;
      sum.wanted += Math.max(length, characters(typed).length);
      sum.mistakes += far[length];
    });
    sum.lines = begun;
    sum.milliseconds = started ? Math.round(last - started) : 0;
    return sum;
  }

  /* Only what is committed counts: while something is being composed the field's value is not ours yet. */
  function took(line) {
    if (over || line.field.value === line.typed) { return; }
    line.typed = line.field.value;
    last = window.performance.now();
    begin();
    show();
    if (lines.every(function (one) { return characters(tidy(one.typed)).length >= characters(one.text).length; })) { send(); }
  }

  /* The clock starts with the first word, be it still composing: its time belongs to it. */
  function begin() {
    if (started || over) { return; }
    started = window.performance.now();
    timer = window.setInterval(show, 1000);
  }

  function show() {
    var sum = count(), now = window.performance.now(), seconds = (now - started) / 1000, most = sum.wanted;
    if (seconds >= longest && !sum.characters && !portal.composingNow()) { window.clearInterval(timer); started = 0; return; }
    if (started && seconds >= longest && !over) { over = true; last = started + 1000 * longest; portal.say(say("over")); send(); return; }
    if (!sum.characters || seconds < 1) { return; }
    figures.textContent = say("figures").replace("{speed}", String(Math.round(60 * sum.characters / seconds))).replace("{accuracy}", String(Math.max(0, Math.floor(100 * (most - sum.mistakes) / most))));
  }

  function refuse(event) { event.preventDefault(); portal.say(say("paste"), true); }

  lines.forEach(function (line, at) {
    line.field.addEventListener("compositionstart", begin);
    line.field.addEventListener("compositionend", function () { window.setTimeout(function () { took(line); }, 0); });
    line.field.addEventListener("input", function (event) {
      // What no finger and no input method has put in: pasted, dropped, filled in or put right by the browser.
      if (!event.isComposing && !portal.composingNow() && GIVEN.test(event.inputType || "")) { line.field.value = line.typed; refuse(event); return; }
      if (!event.isComposing && !portal.composingNow()) { took(line); }
    });
    line.field.addEventListener("paste", refuse);
    line.field.addEventListener("drop", refuse);
    line.field.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !portal.ours(event)) { return; }
      event.preventDefault();
      var next = lines[at + 1];
      if (!next) { totals.querySelector("[type=submit]").focus(); return; }
      next.field.focus();
      portal.whisper(say("line").replace("{number}", String(at + 2)).replace("{all}", String(lines.length)));
    });
  });
  if (window.matchMedia("(pointer: fine)").matches) { lines[0].field.focus(); }

  totals.addEventListener("submit", function (event) {
    event.preventDefault();
    if (started && count().characters) { send(); } else { lines[0].field.focus(); }
  });

  function send() {
    if (sending || portal.composingNow()) {
      if (!sending) { window.setTimeout(send, 300); }
      return;
    }
    sending = true;
    window.clearInterval(timer);
    var sum = count();
    portal.post(totals.action, {
      lines: sum.lines, asked: sum.wanted, characters: sum.characters,
      mistakes: sum.mistakes, milliseconds: Math.max(1000, sum.milliseconds)
    }).then(function (answer) {
      if (answer.redirected) { portal.signIn(); return null; }
      if (answer.status === 422) { return answer.json().then(function (body) { sending = false; portal.say(body.error, true); }); }
      if (!answer.ok) { throw new Error("not counted"); }
      window.location.reload();
      return null;
    }).catch(function () {
      sending = false;
      portal.say(say("lost"), true);
    });
  }
})();
