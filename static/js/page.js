/* What every page needs: say things, post things, the theme switch, sheets, confirmations. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("scripted");
  var toastTimer = 0;

  var portal = {
    /* Visible and spoken feedback. The live region is emptied first, so that the same words are spoken again. */
    say: function (words, warn) {
      var live = document.getElementById("live"), toast = document.getElementById("toast");
      if (live) { live.textContent = ""; window.setTimeout(function () { live.textContent = words; }, 30); }
      if (!toast) { return; }
      toast.textContent = words;
      toast.classList.toggle("warn", Boolean(warn));
      toast.hidden = false;
      window.clearTimeout(toastTimer);
      toastTimer = window.setTimeout(function () { toast.hidden = true; }, warn ? 4000 : 1800);
    },
    /* Spoken only: for what the eye sees anyway. */
    whisper: function (words) {
      var live = document.getElementById("live");
      if (live) { live.textContent = words; }
    },
    /* The token is read from the cookie each time: signing in again in another tab changes it. */
    post: function (url, fields) {
      var token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
      var form = document.querySelector("input[name=csrfmiddlewaretoken]");
      return window.fetch(url, {
        method: "POST", credentials: "same-origin", keepalive: true,
        headers: { "X-CSRFToken": token ? token[1] : form ? form.value : "", "X-Fragment": "1" },
        body: new URLSearchParams(fields)
      });
    },
    composing: function (event) { return event.isComposing || event.keyCode === 229; },
    typing: function (target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable; },
    open: function (id) {
      var sheet = document.getElementById(id);
      if (!sheet || sheet.hasAttribute("open")) { return; }
      if (sheet.showModal) { sheet.showModal(); } else { sheet.setAttribute("open", ""); }
    },
    /* A sheet closes itself where <dialog> is known; Safari 15.0 to 15.3 needs telling. */
    shut: function (sheet) {
      if (sheet && !sheet.showModal) { sheet.removeAttribute("open"); return true; }
      return false;
    },
    /* To the sign-in page, and back to where the reader is now. */
    signIn: function () {
      window.location.assign(document.body.getAttribute("data-login") + "?next=" + encodeURIComponent(window.location.pathname + window.location.search));
    }
  };
  window.portal = portal;

  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-open]");
    if (opener) { portal.open(opener.getAttribute("data-open")); }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-confirm") && !window.confirm(form.getAttribute("data-confirm"))) { event.preventDefault(); return; }
    if (form.hasAttribute("data-theme-switch")) { switchTheme(event, form); }
    if (form.hasAttribute("data-favourite")) { keep(event, form); }
    if (form.getAttribute("method") === "dialog" && portal.shut(form.closest("dialog"))) { event.preventDefault(); }
    if (form.hasAttribute("data-sign-out")) { portal.fields.forget(); }
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { portal.shut(document.querySelector("dialog[open]")); }
  });

  function switchTheme(event, form) {
    event.preventDefault();
    var chosen = root.getAttribute("data-theme");
    var dark = chosen === "dark" || (chosen !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
    var next = dark ? "light" : "dark";
    root.setAttribute("data-theme", next);
    portal.post(form.action, { theme: next }).catch(function () { /* shown anyway; saved with the next switch */ });
  }

  function keep(event, form) {
    event.preventDefault();
    var button = form.querySelector("button");
    portal.post(form.action, {}).then(function (answer) {
      if (answer.redirected) { throw new Error("login"); }
      if (!answer.ok) { throw new Error("not kept"); }
      return answer.json();
    }).then(function (result) {
      button.setAttribute("aria-pressed", String(result.kept));
      button.classList.toggle("starred", result.kept);
      portal.say(form.getAttribute(result.kept ? "data-say-on" : "data-say-off"));
    }).catch(function (error) {
      if (error.message === "login") { portal.signIn(); } else { HTMLFormElement.prototype.submit.call(form); }
    });
  }
})();
