/* The chat desk: several customers, the server's clock, and a reply that is never lost. */
(function () {
  "use strict";
  var portal = window.portal, run = document.querySelector("[data-run]");
  var late = document.querySelector(".run-over form[data-now]");
  if (late) { late.submit(); }
  chooser(document.querySelector("[data-choose]"));
  if (!run) { return; }

  var NEAR = 10, FAST = 1000, SLOW = 3000, RETRY = 2000;
  var chats = {}, active = 0, mark = "", timer = 0, asking = false, lost = false, finished = false;
  /* This page's own numbers for its replies: another tab draws others. */
  var number = 1 + Math.floor(Math.random() * 2000000) * 1000;

  function say(name, values) {
    var text = run.getAttribute("data-say-" + name);
    Object.keys(values || {}).forEach(function (key) { text = text.replace("{" + key + "}", values[key]); });
    return text;
  }
  function all() { return Object.keys(chats).map(function (position) { return chats[position]; }); }

  run.querySelectorAll("[data-chat]").forEach(function (section) {
    var position = Number(section.getAttribute("data-chat"));
    var chat = chats[position] = {
      position: position, section: section, tab: run.querySelector("[data-tab='" + position + "']"),
      box: section.querySelector("textarea"), form: section.querySelector("[data-reply]"), talk: section.querySelector("[data-talk]"),
      note: section.querySelector("[data-note]"), kept: portal.deskKept(run.getAttribute("data-run"), position),
      here: !section.hidden, over: false, said: Number(section.getAttribute("data-said")), ends: 0, warned: false, sending: false, html: "", card: "", line: ""
    };
    chat.box.value = chat.kept.read().draft;
    clock(chat);
    section.classList.add("one");
    section.removeAttribute("hidden");
  });
  var opened = /^#chat-(\d)$/.exec(window.location.hash);
  show(opened && chats[opened[1]] && chats[opened[1]].here ? Number(opened[1]) : first(), true);
  /* The phrasebook takes the focus when it opens, and the page with it. */
  if (!opened) { window.scrollTo(0, 0); }
  all().forEach(function (chat) { pending(chat); flush(chat); });
  window.setInterval(tick, 250);
  ask();

  function first() {
    var here = all().filter(function (chat) { return chat.here && !chat.over; });
    return (here[0] || all()[0]).position;
  }

  /* --- what is shown ------------------------------------------------------------------------------------ */

  function show(position, still) {
    var changed = active !== position;
    active = position;
    all().forEach(function (chat) {
      var on = chat.position === position;
      chat.section.hidden = !on || !chat.here;
      if (on) { chat.tab.setAttribute("aria-current", "true"); } else { chat.tab.removeAttribute("aria-current"); }
    });
    var chat = chats[position];
    /* What was filled in for one customer must not greet the next. */
    if (changed && !still) { portal.fields.clearCustomer(); }
    bottom(chat);
    if (chat.here && (!still || window.matchMedia("(pointer: fine)").matches)) { chat.box.focus({ preventScroll: Boolean(still) }); }
  }

  function bottom(chat) {
    var list = chat.talk.querySelector(".talk");
    if (list) { list.scrollTop = list.scrollHeight; }
  }

  /* The seconds on a tab are those of the moment it was made; from then on this page counts down. */
  function clock(chat) {
    var left = chat.tab.querySelector("[data-left]");
    chat.ends = left ? window.performance.now() + 1000 * Number(left.getAttribute("data-left")) : 0;
    chat.warned = chat.warned && Boolean(left);
    count(chat);
  }

  function count(chat) {
    var left = chat.tab.querySelector("[data-left]"), bar = chat.tab.querySelector("progress");
    if (!left) { return; }
    var seconds = Math.max(0, (chat.ends - window.performance.now()) / 1000), text = say("seconds", { n: Math.ceil(seconds) });
    if (left.textContent !== text) { left.textContent = text; }
    if (bar) { bar.value = seconds; }
    chat.tab.classList.toggle("soon", seconds <= NEAR);
    if (seconds <= NEAR && seconds > 0 && !chat.warned) { chat.warned = true; portal.whisper(say("soon", { n: chat.position })); }
    if (seconds > NEAR) { chat.warned = false; }
  }

  function tick() { all().forEach(count); }

  function adopt(state) {
    var news = [];
    run.querySelector("[data-waiting]").textContent = state.waiting;
    state.chats.forEach(function (told) {
      var chat = chats[told.position];
      chat.tab.innerHTML = told.tab;
      clock(chat);
      if (told.talk && told.talk !== chat.html) {
        var open = chat.talk.querySelector(".talk"), low = !open || open.scrollHeight - open.scrollTop - open.clientHeight < 60;
        chat.html = told.talk;
        chat.talk.innerHTML = told.talk;
        if (open && !low) { chat.talk.querySelector(".talk").scrollTop = open.scrollTop; } else { bottom(chat); }
      }
      if (told.said > chat.said) { news.push(say("new", { n: chat.position, text: heard(chat, chat.said) })); }
      if (told.over && !chat.over) { news.push(say("gone", { n: chat.position })); }
      var came = told.here && !chat.here;
      chat.said = told.said; chat.here = told.here; chat.over = told.over; chat.waiting = told.waiting;
      chat.form.classList.toggle("over", told.over);
      chat.box.disabled = told.over;
      pending(chat);
      if (came && (chat.position === active || !chats[active].here || chats[active].over)) { show(chat.position, true); }
    });
    if (news.length) { portal.whisper(news.join("；")); }
    if (state.over) { over(); }
  }

  /* What the customer has said after so many messages: all of it, each once. */
  function heard(chat, before) {
    var said = chat.talk.querySelectorAll(".customer > p, .nudge > p");
    return Array.prototype.slice.call(said, before).map(function (line) { return line.textContent; }).join("，");
  }

  function over() {
    if (finished) { return; }
    finished = true;
    window.clearTimeout(timer);
    portal.say(say("over"));
    window.setTimeout(function () { run.querySelector("[data-end]").submit(); }, 1500);
  }

  /* --- asking the server -------------------------------------------------------------------------------- */

  function later(wait) {
    window.clearTimeout(timer);
    if (!finished) { timer = window.setTimeout(ask, wait); }
  }

  function pace(next) {
    var near = all().some(function (chat) { return chat.ends && !chat.over && chat.ends - window.performance.now() < 1000 * NEAR; });
    return Math.max(150, Math.min(near ? FAST : SLOW, next));
  }

  var coming = 0; /* when the server expects the next thing to happen, on this page's clock */

  function ask() {
    if (document.hidden || asking) { return; }
    if (portal.composingNow()) { later(300); return; }
    asking = true;
    window.fetch(run.getAttribute("data-state"), {
      credentials: "same-origin", cache: "no-store", headers: mark ? { "X-Fragment": "1", "If-None-Match": mark } : { "X-Fragment": "1" }
    }).then(hear).then(function () {
      asking = false;
      later(pace(coming ? coming - window.performance.now() + 60 : SLOW));
    }).catch(function (error) {
      asking = false;
      trouble(error);
      later(RETRY);
    });
  }

  /* The body of a good answer, adopted; nothing of a sign-in page ever is. */
  function hear(answer) {
    if (answer.redirected || answer.status === 403) { throw new Error("login"); }
    if (answer.status === 304) { found(); return null; }
    if (answer.status === 404) { window.location.reload(); }
    if (!/json/.test(answer.headers.get("Content-Type") || "")) { throw new Error("offline"); }
    mark = answer.headers.get("ETag") || "";
    return answer.json().then(function (state) {
      found();
      coming = state.next === null ? 0 : window.performance.now() + 1000 * (state.next - state.at);
      adopt(state);
      return { status: answer.status, state: state };
    });
  }

  function found() {
    if (lost) { lost = false; portal.whisper(say("back")); all().forEach(function (chat) { note(chat, ""); flush(chat); }); }
  }

  function trouble(error) {
    var kind = error.message === "login" ? "login" : "offline";
    if (!lost) { portal.say(say(kind), true); }
    lost = true;
    all().forEach(function (chat) {
      if (kind === "login" || chat.kept.read().queue.length) { note(chat, say(kind), kind === "login"); }
    });
  }

  function note(chat, words, link) {
    chat.note.textContent = words;
    chat.note.hidden = !words;
    if (link) {
      var way = document.createElement("a");
      way.href = document.body.getAttribute("data-login") + "?next=" + encodeURIComponent(window.location.pathname);
      way.textContent = " → ";
      way.setAttribute("aria-label", words);
      chat.note.appendChild(way);
    }
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden) { mark = ""; later(0); } });
  window.addEventListener("online", function () { later(0); });

  /* --- replying ----------------------------------------------------------------------------------------- */

  function submit(chat) {
    var text = chat.box.value.trim(), longest = Number(run.getAttribute("data-longest")), entry = chat.kept.read();
    if (!text || chat.over) { return; }
    if (text.length > longest) { note(chat, say("long", { n: text.length - longest })); portal.whisper(chat.note.textContent); return; }
    if (blank(chat)) { return; }
    number += 1;
    entry.queue.push({ sequence: number, text: text, card: chat.line && text.indexOf(chat.line) >= 0 ? chat.card : "" });
    entry.draft = "";
    chat.kept.write(entry);
    chat.card = "";
    chat.box.value = "";
    note(chat, "");
    pending(chat);
    flush(chat);
  }

  /* A line from the phrasebook goes out with its fields filled in. */
  function blank(chat) {
    var at = /\{([^{}|]{1,12})\}/.exec(chat.box.value);
    if (!at) { return false; }
    note(chat, say("fill", { name: at[1] }));
    portal.whisper(chat.note.textContent);
    chat.box.focus();
    chat.box.setSelectionRange(at.index, at.index + at[0].length);
    return true;
  }

  function flush(chat) {
    var entry = chat.kept.read(), next = entry.queue[0];
    if (!next || chat.sending) { return; }
    chat.sending = true;
    portal.post(chat.form.action, { text: next.text, sequence: next.sequence, card: next.card }).then(hear).then(function (heard) {
      chat.sending = false;
      if (heard && heard.status !== 200) { note(chat, heard.state.error); portal.say(heard.state.error, true); }
      entry = chat.kept.read();
      entry.queue = entry.queue.filter(function (one) { return one.sequence !== next.sequence; });
      chat.kept.write(entry);
      pending(chat);
      flush(chat);
      later(pace(coming ? coming - window.performance.now() + 60 : SLOW));
    }).catch(function (error) {
      chat.sending = false;
      trouble(error);
      window.setTimeout(function () { flush(chat); }, RETRY);
    });
  }

  /* Replies on their way stand at the end of the talk, marked as such. */
  function pending(chat) {
    var list = chat.talk.querySelector(".talk");
    if (!list) { return; }
    list.querySelectorAll(".pending").forEach(function (line) { list.removeChild(line); });
    chat.kept.read().queue.forEach(function (one) {
      var line = document.createElement("li"), words = document.createElement("p");
      line.className = "trainee pending";
      words.textContent = one.text;
      line.appendChild(words);
      list.appendChild(line);
    });
    bottom(chat);
  }

  run.addEventListener("submit", function (event) {
    var section = event.target.closest("[data-chat]");
    if (section && event.target.hasAttribute("data-reply")) { event.preventDefault(); submit(chats[section.getAttribute("data-chat")]); }
  });
  run.addEventListener("input", function (event) {
    var section = event.target.closest("[data-chat]"), chat = section && chats[section.getAttribute("data-chat")], entry;
    if (!chat || event.target !== chat.box) { return; }
    entry = chat.kept.read();
    entry.draft = chat.box.value;
    chat.kept.write(entry);
  });
  run.addEventListener("click", function (event) {
    var tab = event.target.closest("[data-tab]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    if (chats[tab.getAttribute("data-tab")].here) { show(Number(tab.getAttribute("data-tab"))); }
  });

  /* Before the phrasebook hears them: on this page Alt and a digit is a customer. */
  document.addEventListener("keydown", function (event) {
    if (!portal.ours(event) || document.querySelector("dialog[open]")) { return; }
    var digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code), chat = chats[active];
    if (event.altKey && !event.ctrlKey && !event.metaKey && digit) {
      event.preventDefault();
      event.stopPropagation();
      if (chats[digit[1]] && chats[digit[1]].here) { show(Number(digit[1])); }
    } else if (event.altKey && event.code === "Slash") {
      event.preventDefault();
      run.querySelector("[data-query]").focus();
    } else if (event.key === "Enter" && event.target === chat.box && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (!event.repeat) { submit(chat); }
    }
  }, true);

  /* --- the phrasebook beside it ---------------------------------------------------------------------------- */

  /* A line chosen there goes into the reply; it counts as a copy, as everywhere. */
  portal.copyLine = function (line, query) {
    var chat = chats[active], words = line.querySelector("[data-text]").cloneNode(true), uuid = line.getAttribute("data-uuid");
    if (chat.over || !chat.here) { return false; }
    words.querySelectorAll(".var.empty").forEach(function (gap) { gap.textContent = "{" + gap.getAttribute("data-var") + "}"; });
    var text = words.textContent.trim(), before = chat.box.value;
    chat.box.value = (before && !/\s$/.test(before) ? before + "\n" : before) + text;
    /* Its code goes along as long as the line begins as it did. */
    chat.card = line.getAttribute("data-code") || "";
    chat.line = text.replace(/\{.*$/, "").slice(0, 8);
    chat.box.dispatchEvent(new Event("input", { bubbles: true }));
    if (uuid) { portal.post("/lines/" + uuid + "/copied/", { q: query || "" }).catch(function () { /* a count lost */ }); }
    window.setTimeout(function () { chat.box.focus(); if (!blank(chat)) { chat.box.setSelectionRange(chat.box.value.length, chat.box.value.length); } }, 0);
    return true;
  };
  var query = run.querySelector("[data-query]");
  if (query && !query.value) { query.dispatchEvent(new Event("input", { bubbles: true })); }

  /* --- the door -------------------------------------------------------------------------------------------- */

  function chooser(form) {
    if (!form) { return; }
    var most = Number(form.getAttribute("data-choose")), boxes = form.querySelectorAll("input[name=dialogue]");
    form.addEventListener("change", function () {
      var chosen = form.querySelectorAll("input[name=dialogue]:checked").length;
      boxes.forEach(function (box) { box.disabled = !box.checked && chosen >= most; });
    });
  }
})();
