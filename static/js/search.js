/* The finder: type-ahead, selection, copying by key, a customer's whole message, and a dock left open all shift. */
(function () {
  "use strict";
  var finder = document.querySelector("[data-finder]");
  if (!finder) { return; }
  var portal = window.portal, fields = portal.fields;
  var box = finder.querySelector("[data-query]"), slot = finder.querySelector("[data-fragment]"), vars = finder.querySelector("[data-vars]");
  var sequence = 0, selected = null, message = "", escapedAt = 0;
  var waiting = 0, settling = 0, retrying = 0, retries = 0, running = null;
  /* Whether a question waits for the input method to finish, and whether Enter was pressed before its answer. */
  var held = false, copyNext = false;
  var filters = new URLSearchParams(window.location.search);
  filters.delete("q");
  filters.delete("page");
  var WAIT = 90, SETTLE = 800, TWICE = 700, LONG = 60;
  /* What the results on the page answer: the page's own query, whatever was typed before this script ran. */
  var answered = address(box.defaultValue);

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-haspopup", "listbox");
  adopt();
  if (window.matchMedia("(pointer: fine)").matches) { box.focus(); box.setSelectionRange(box.value.length, box.value.length); }
  if (answered !== key()) { later(); }

  function key() { return message || address(box.value); }
  function say(name) { return finder.getAttribute("data-say-" + name); }
  function lines() { return Array.prototype.slice.call(slot.querySelectorAll("[role=option]")); }

  /* New results are in the page: number the lines, select the first, name the list boxes. */
  function adopt() {
    var all = lines();
    all.forEach(function (line, at) { line.querySelector(".n").textContent = at < 9 ? String(at + 1) : ""; });
    slot.querySelectorAll("[role=listbox]").forEach(function (list, at) { list.id = "list-" + at; });
    box.setAttribute("aria-controls", Array.prototype.map.call(slot.querySelectorAll("[role=listbox]"), function (list) { return list.id; }).join(" ") || slot.id);
    box.setAttribute("aria-expanded", String(all.length > 0));
    finder.classList.toggle("idle", all.length === 0);
    var code = box.value.trim().toLowerCase(), coded = all.filter(function (line) { return line.getAttribute("data-code") === code; })[0];
    select(coded || all[0] || null);
    if (coded && coded !== all[0]) { reveal(coded); }
    fields.show();
  }

  function reveal(line) { if (line && line.scrollIntoView) { line.scrollIntoView({ block: "nearest" }); } }

  function select(line) {
    if (selected) { selected.setAttribute("aria-selected", "false"); }
    selected = line;
    if (!line) { box.removeAttribute("aria-activedescendant"); fields.draw(vars, []); return; }
    line.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", line.id);
    fields.draw(vars, [line]);
  }

  function move(step) {
    var all = lines();
    if (!all.length) { return; }
    var at = all.indexOf(selected) + step;
    select(all[Math.max(0, Math.min(all.length - 1, at))]);
    reveal(selected);
  }

  function copy(line) {
    if (line && portal.copyLine(line, message ? "" : box.value)) { window.clearTimeout(settling); }
  }

  /* --- asking the server ------------------------------------------------------------------------------ */

  function address(typed) {
    var query = new URLSearchParams(filters);
    if (typed.trim()) { query.set("q", typed.trim()); }
    var text = query.toString();
    return finder.getAttribute("data-url") + (text ? "?" + text : "");
  }

  function later() {
    copyNext = false;
    escapedAt = 0;
    window.clearTimeout(waiting);
    window.clearTimeout(settling);
    waiting = window.setTimeout(ask, WAIT);
  }

  function ask() {
    window.clearTimeout(waiting);
    window.clearTimeout(settling);
    window.clearTimeout(retrying);
    held = portal.composingNow();
    if (held) { return; }
    var mine = ++sequence, pasted = message, asking = key();
    if (running) { running.abort(); }
    running = window.AbortController ? new AbortController() : null;
    slot.querySelector("[data-results]").setAttribute("aria-busy", "true");
    var request = pasted
      ? portal.post(finder.getAttribute("data-match"), { message: pasted, screen: finder.getAttribute("data-screen") })
      : window.fetch(asking, { credentials: "same-origin", headers: { "X-Fragment": "1" }, signal: running ? running.signal : undefined });
    request.then(function (answer) {
      /* A sign-in page carries no such header, and is never pasted into results. */
      if (answer.redirected || answer.status === 403) { throw new Error("login"); }
      if (!answer.ok || answer.headers.get("X-Fragment") !== "results") { throw new Error("offline"); }
      tell(answer.headers.get("X-Release"));
      return answer.text();
    }).then(function (html) {
      if (mine < sequence) { return; }
      retries = 0;
      answered = asking;
      replace(html);
      announce();
      if (copyNext) { copyNext = false; copy(selected); if (document.activeElement === document.body) { box.focus(); } }
      if (!pasted && box.value.trim()) { settling = window.setTimeout(settle, SETTLE); }
    }).catch(function (error) {
      if (mine < sequence || error.name === "AbortError") { return; }
      copyNext = false;
      trouble(error.message === "login" ? "login" : "offline");
    });
  }

  /* What had the focus in the old results has it in the new: the same chip, or the list. */
  function replace(html) {
    var active = document.activeElement, inside = slot.contains(active);
    var at = Array.prototype.indexOf.call(slot.querySelectorAll("[data-filter]"), active);
    slot.innerHTML = html;
    adopt();
    if (inside) { (slot.querySelectorAll("[data-filter]")[at] || slot.querySelector("[data-results]")).focus({ preventScroll: true }); }
  }

  /* A new release is told once, in one line; this page goes on working until the reader reloads it. */
  function tell(release) {
    if (!release || release === document.documentElement.getAttribute("data-release") || finder.querySelector(".release")) { return; }
    var link = document.createElement("a");
    link.className = "release";
    link.textContent = say("release");
    link.href = address("");
    link.addEventListener("click", function () { link.href = address(message ? "" : box.value); });
    finder.insertBefore(link, slot);
  }

  function announce() {
    var status = slot.querySelector("[data-status]"), total = slot.querySelector("[data-results]").getAttribute("data-total");
    if (box.value.trim() || message) { portal.whisper(total === "0" ? say("none") : status.textContent.trim()); }
  }

  /* Old results stay readable but are marked; the query is kept and asked again. */
  function trouble(kind) {
    var status = slot.querySelector("[data-status]");
    slot.querySelector("[data-results]").removeAttribute("aria-busy");
    status.classList.add("warn");
    status.textContent = say(kind) + " ";
    if (kind === "login") {
      var link = document.createElement("a");
      link.href = finder.getAttribute("data-login") + "?next=" + encodeURIComponent(address(message ? "" : box.value));
      link.textContent = say("login-link");
      status.appendChild(link);
    }
    portal.whisper(say(kind));
    retrying = window.setTimeout(ask, Math.min(15000, 1500 * Math.pow(2, retries++)));
  }

  function settle() { if (!portal.composingNow()) { portal.post(finder.getAttribute("data-searched"), { q: box.value }).catch(function () {}); } }

  /* --- input -------------------------------------------------------------------------------------------- */

  box.addEventListener("input", function (event) { if (!event.isComposing) { message = ""; later(); } });
  box.addEventListener("compositionend", function () { message = ""; later(); });
  document.addEventListener("compositionend", function () { if (held) { later(); } });
  box.addEventListener("paste", function (event) {
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (text.trim().length <= LONG && !/\n/.test(text.trim())) { return; }
    event.preventDefault();
    paste(text);
  });

  /* A whole message goes by POST, is compared, and is kept nowhere; the box shows how it begins. */
  function paste(text) {
    message = text.slice(0, 10000);
    box.value = text.trim().replace(/\s+/g, " ").slice(0, 40);
    ask();
  }

  finder.parentNode.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-search")) { event.preventDefault(); }
    if (event.target.hasAttribute("data-paste")) { event.preventDefault(); paste(event.target.elements.message.value); }
  });

  slot.addEventListener("click", function (event) {
    var chip = event.target.closest("[data-filter]"), line = event.target.closest("[role=option]");
    if (chip && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      message = "";
      filters = new URLSearchParams(chip.search);
      filters.delete("q");
      window.history.replaceState(null, "", address(""));
      ask();
    } else if (line && !String(window.getSelection())) { select(line); copy(line); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { escapedAt = 0; }
    if (!portal.ours(event) || document.querySelector("dialog[open]")) { return; }
    var inBox = event.target === box, inList = Boolean(event.target.closest && event.target.closest("[data-results]"));
    var inFields = Boolean(event.target.closest && event.target.closest("[data-vars]")), digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (portal.typing(event.target) && !inBox && !inFields) { return; }
    if (event.altKey && !event.ctrlKey && !event.metaKey && digit) { nth(event, digit[1]); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "Escape") { event.preventDefault(); if (!event.repeat) { escape(event); } return; }
    if (inList && event.target.closest("a, button")) { return; }
    if (inList && digit && !event.shiftKey) { nth(event, digit[1]); }
    else if ((inBox || inList) && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    else if ((inBox || inList || inFields) && event.key === "Enter") { event.preventDefault(); if (!event.repeat) { enter(inFields); } }
  });

  function enter(inFields) {
    /* Enter never copies the answer to an older query: what stands in the box is asked first. */
    if (answered !== key()) { copyNext = true; ask(); return; }
    copy(selected);
    if (inFields && selected && !fields.firstEmpty(selected)) { box.focus(); }
  }

  function nth(event, digit) {
    var line = lines()[Number(digit) - 1];
    event.preventDefault();
    if (line && !event.repeat) { select(line); reveal(line); copy(line); }
  }

  /* Esc clears the search; Esc Esc is 下一位: everything about this customer goes. */
  function escape(event) {
    var twice = escapedAt > 0 && event.timeStamp - escapedAt < TWICE;
    escapedAt = twice ? 0 : event.timeStamp;
    message = "";
    copyNext = false;
    box.value = "";
    box.focus();
    if (twice) { fields.clearCustomer(); portal.say(say("next")); }
    ask();
  }

  window.addEventListener("online", function () { retries = 0; ask(); });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && slot.querySelector(".status.warn")) { retries = 0; ask(); }
  });
})();
