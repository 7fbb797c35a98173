/* An attempt: every answer is saved as it is given, kept here until the server has it, and nothing is lost. */
(function () {
  "use strict";
  var over = document.querySelector("form[data-now]");
  if (over) { over.submit(); }
  var sheet = document.querySelector("form[data-attempt]");
  if (!sheet) { return; }
  var portal = window.portal, answers = portal.answers, kept = portal.kept(sheet.getAttribute("data-attempt"));
  var TYPING = 700, PATIENCE = 15000, WAITS = [1000, 2000, 4000, 8000, 15000], IDLE = 60000;
  var trouble = "", retries = 0, retrying = 0, handing = false, leaving = false, active = Date.now(), clock = null;
  var status = sheet.querySelector("[data-saved]");

  function say(name) { return sheet.getAttribute("data-say-" + name); }

  var items = Array.prototype.map.call(sheet.querySelectorAll("[data-q]"), function (field) {
    return {
      field: field, position: field.getAttribute("data-q"), url: field.getAttribute("data-url"),
      known: Number(field.getAttribute("data-sequence")), seconds: Number(field.getAttribute("data-seconds")),
      saved: answers.text(answers.read(field)), pending: null, sent: "", flying: false, waiting: 0
    };
  });

  function itemOf(element) {
    var field = element && element.closest("[data-q]");
    return items.filter(function (item) { return item.field === field; })[0];
  }

  /* --- what stands on the page -------------------------------------------------------------------------- */

  function open() { return items.filter(function (item) { return answers.read(item.field) === null; }); }

  function mark(item) {
    var done = answers.read(item.field) !== null, link = sheet.querySelector("[data-jump='" + item.position + "']");
    var keep = item.field.querySelector(".q-keep");
    item.field.classList.toggle("answered", done);
    link.classList.toggle("answered", done);
    link.querySelector("[data-mark]").hidden = !done;
    if (keep) { keep.hidden = done; }
    sheet.querySelector("[data-done]").textContent = String(items.length - open().length);
  }

  function note(item, words) {
    var line = item.field.querySelector("[data-said]");
    line.textContent = words;
    line.hidden = !words;
  }

  function show() {
    var words = say(trouble || (busy() ? "saving" : "saved"));
    if (status.textContent === words) { return; }
    status.textContent = words;
    status.classList.toggle("warn", Boolean(trouble));
    if (trouble !== "login") { return; }
    var link = document.createElement("a");
    link.href = document.body.getAttribute("data-login") + "?next=" + encodeURIComponent(window.location.pathname);
    link.textContent = say("sign-in");
    status.appendChild(document.createTextNode(" "));
    status.appendChild(link);
  }

  /* Trouble is said once when it begins, and once when it is over. */
  function fare(kind) {
    if (kind !== trouble) {
      trouble = kind;
      portal.whisper(say(kind || "saved"));
    }
    if (kind) {
      items.forEach(function (item) { if (item.pending) { item.pending.offline = true; } });
      window.clearTimeout(retrying);
      retrying = window.setTimeout(again, WAITS[Math.min(retries, WAITS.length - 1)]);
      retries += 1;
    } else { retries = 0; }
    show();
  }

  /* --- one answer on its way: never two of one item at once ---------------------------------------------- */

  function changed(item) {
    var answer = answers.read(item.field);
    note(item, "");
    mark(item);
    if (answers.text(answer) === item.saved && !item.flying) { settle(item); return; }
    keep(item, { answer: answer, base: item.known, offline: Boolean(trouble), tried: item.pending ? item.pending.tried : [] });
    window.clearTimeout(item.waiting);
    item.waiting = window.setTimeout(function () { send(item); }, answers.typed(item.field) ? TYPING : 0);
    show();
  }

  /* `base` is the sequence it was chosen over, `tried` what was sent since without a receipt: the server's answer may
     be one of those, and then it is no other window's. */
  function keep(item, entry) {
    item.pending = entry;
    kept.put(item.position, entry);
  }

  function settle(item) {
    window.clearTimeout(item.waiting);
    item.pending = null;
    kept.drop(item.position);
    show();
  }

  function send(item) {
    if (!item.pending || item.flying || handing || portal.composingNow()) { return; }
    window.clearTimeout(item.waiting);
    item.flying = true;
    var going = item.pending, late = 0;
    item.sent = answers.text(going.answer);
    going.tried = going.tried.concat(item.sent);
    keep(item, going);
    Promise.race([
      portal.post(item.url, { answer: JSON.stringify(going.answer), sequence: item.known + 1, seconds: item.seconds }),
      new Promise(function (_, reject) { late = window.setTimeout(function () { reject(new Error("late")); }, PATIENCE); })
    ]).then(read).then(function (answer) { took(item, going, answer); }).catch(function (error) {
      item.flying = false;
      fare(error.message === "login" ? "login" : "offline");
    }).then(function () { window.clearTimeout(late); });
  }

  /* A sign-in page, somebody else's session and a proxy's page are told apart from an answer of ours. */
  function read(response) {
    var json = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
    if (response.redirected || response.status === 403 || response.status === 404) { throw new Error("login"); }
    if (!json || [200, 409, 422].indexOf(response.status) < 0) { throw new Error("offline"); }
    return response.json().then(function (body) { return { status: response.status, body: body }; });
  }

  function took(item, going, answer) {
    item.flying = false;
    if (answer.body.closed) { leave(answer.body.result); return; }
    var back = Boolean(trouble);
    fare("");
    if (answer.status === 422) {
      note(item, answer.body.error);
      portal.whisper(answer.body.error);
      if (item.pending === going) { settle(item); }
    } else { learnt(item, going, answer.body, answer.status === 200); }
    if (back) { flush(); } else if (item.pending) { send(item); }
    show();
  }

  /* The server's word on an item: saved, or a newer answer of another window. */
  function learnt(item, going, body, saved) {
    var theirs = answers.text(body.answer), ours = saved || theirs === item.sent;
    item.known = body.sequence;
    item.saved = theirs;
    if (clock && body.remaining !== null) { clock(body.remaining); }
    if (item.pending !== going) {
      if (item.pending) { keep(item, { answer: item.pending.answer, base: item.known, offline: false, tried: [] }); }
    } else if (ours) { settle(item); } else if (going.offline && going.tried.indexOf(theirs) < 0) { adopt(item, body.answer, true); }
  }

  function adopt(item, answer, aloud) {
    answers.show(item.field, answer);
    settle(item);
    mark(item);
    if (!aloud) { return; }
    note(item, say("newer").replace("{number}", item.position));
    portal.say(say("newer").replace("{number}", item.position), true);
  }

  function flush() { items.forEach(send); }

  function busy() { return items.some(function (item) { return item.pending || item.flying; }); }

  function again() { if (busy()) { flush(); } else { sync(); } }

  /* --- another window, a nap, the way back ---------------------------------------------------------------- */

  function sync() {
    if (portal.composingNow() || leaving) { return; }
    window.fetch(sheet.action, { credentials: "same-origin", headers: { "X-Fragment": "1" } }).then(read).then(function (answer) {
      if (answer.body.closed) { leave(answer.body.result); return; }
      if (clock) { clock(answer.body.remaining); }
      items.forEach(function (item) {
        var theirs = answer.body.items[item.position];
        if (theirs.sequence <= item.known || item.pending || item.flying) { return; }
        item.known = theirs.sequence;
        item.saved = answers.text(theirs.answer);
        adopt(item, theirs.answer, false);
      });
      fare("");
      flush();
    }).catch(function (error) { fare(error.message === "login" ? "login" : "offline"); });
  }

  /* What an earlier page of this attempt left behind: sent now, unless the server has something newer. */
  function restore() {
    var found = kept.all();
    items.forEach(function (item) {
      var entry = found[item.position];
      if (!entry) { return; }
      if (answers.text(entry.answer) === item.saved) { kept.drop(item.position); return; }
      if (item.known > entry.base && entry.tried.indexOf(item.saved) < 0) { adopt(item, answers.read(item.field), true); return; }
      answers.show(item.field, entry.answer);
      item.pending = { answer: entry.answer, base: item.known, offline: true, tried: entry.tried };
      mark(item);
      send(item);
    });
    show();
  }

  /* --- handing in ------------------------------------------------------------------------------------------ */

  function ask() {
    var left = open(), list = document.querySelector("[data-open-ones]");
    if (!left.length) { handInSaved(50); return; }
    list.textContent = "";
    left.forEach(function (item) {
      var row = document.createElement("li"), link = document.createElement("a");
      link.href = "#q" + item.position;
      link.textContent = say("open").replace("{number}", item.position);
      row.appendChild(link);
      list.appendChild(row);
    });
    portal.open("hand-in");
  }

  /* What is on its way arrives first, so that a choice made just now wins over another window's. */
  function handInSaved(tries) {
    flush();
    if (busy() && !trouble && tries) { window.setTimeout(function () { handInSaved(tries - 1); }, 100); } else { handIn(); }
  }

  /* The whole page goes along: whatever has not been saved by now is saved with it. */
  function handIn() {
    if (handing || leaving) { return; }
    handing = true;
    items.forEach(function (item) {
      sheet.elements["s" + item.position].value = item.known;
      sheet.elements["t" + item.position].value = item.seconds;
    });
    var fields = new URLSearchParams(new FormData(sheet));
    fields.append("sure", "1");
    portal.post(sheet.getAttribute("data-finish"), fields).then(read).then(function (answer) { leave(answer.body.result); }).catch(function (error) {
      handing = false;
      fare(error.message === "login" ? "login" : "offline");
      window.clearTimeout(retrying);
      retrying = window.setTimeout(handIn, WAITS[Math.min(retries, WAITS.length - 1)]);
    });
  }

  function leave(address) {
    leaving = true;
    window.location.replace(address);
  }

  function timeIsUp() {
    if (document.activeElement) { document.activeElement.blur(); } // ends what an input method is composing
    portal.say(say("over"), true);
    window.setTimeout(handIn, 0);
  }

  /* --- events ---------------------------------------------------------------------------------------------- */

  function heard(event) {
    var item = itemOf(event.target);
    if (item && !(answers.typed(item.field) && portal.composingNow())) { changed(item); }
  }

  sheet.addEventListener("change", heard);
  sheet.addEventListener("input", function (event) { if (event.target.matches("input[type=text], textarea")) { heard(event); } });
  sheet.addEventListener("compositionend", function (event) {
    window.setTimeout(function () { var item = itemOf(event.target); if (item) { changed(item); } flush(); }, 0);
  });
  sheet.addEventListener("submit", function (event) { event.preventDefault(); flush(); });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-hand-in]")) { event.preventDefault(); ask(); }
    if (event.target.closest("[data-sure]")) { handInSaved(50); }
    var link = event.target.closest("[data-open-ones] a, [data-jump]");
    if (!link) { return; }
    event.preventDefault();
    var sheetOpen = link.closest("dialog"), field = document.getElementById(link.hash.slice(1));
    if (sheetOpen) { if (sheetOpen.close) { sheetOpen.close(); } else { portal.shut(sheetOpen); } }
    field.scrollIntoView();
    field.focus({ preventScroll: true });
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) { flush(); } else { sync(); } });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { leaving = false; handing = false; sync(); } });
  window.addEventListener("online", sync);

  /* Seconds on an item: the page is in front and somebody moved within the last minute. */
  ["pointermove", "pointerdown", "keydown", "scroll", "input"].forEach(function (kind) {
    document.addEventListener(kind, function () { active = Date.now(); }, { passive: true, capture: true });
  });
  window.setInterval(function () {
    if (document.hidden || Date.now() - active > IDLE) { return; }
    var line = window.innerHeight * 0.4;
    var item = itemOf(document.activeElement) || items.filter(function (one) {
      var box = one.field.getBoundingClientRect();
      return box.top <= line && box.bottom > line;
    })[0];
    if (item) { item.seconds += 1; }
  }, 1000);

  items.forEach(mark);
  restore();
  if (sheet.hasAttribute("data-remaining")) {
    clock = portal.countdown(sheet.querySelector("[data-clock]"), Number(sheet.getAttribute("data-remaining")), say, timeIsUp, sync);
  }
})();
