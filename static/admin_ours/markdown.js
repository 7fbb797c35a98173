/* The Markdown box: a live preview, and pictures by button, paste or drop.
   Nothing is posted while an input method composes, and no key is taken: Tab moves on. */
(function () {
  "use strict";
  var PAUSE = 400;

  function post(url, body) {
    var token = document.querySelector("input[name=csrfmiddlewaretoken]");
    return window.fetch(url, {
      method: "POST", credentials: "same-origin", body: body,
      headers: { "X-CSRFToken": token ? token.value : "", "X-Fragment": "1" }
    });
  }

  function preview(box, pane) {
    var timer = 0, sent = 0, shown = box.value, composing = false;

    function ask() {
      var number = ++sent;
      shown = box.value;
      post(box.dataset.preview, new URLSearchParams({ text: shown })).then(function (response) {
        if (!response.ok || response.headers.get("X-Fragment") !== "preview") { throw new Error("no preview"); }
        return response.text();
      }).then(function (html) {
        if (number === sent) { pane.innerHTML = html; pane.classList.remove("lost"); }
      }).catch(function () {
        if (number === sent) { pane.textContent = box.dataset.sayLost; pane.classList.add("lost"); shown = null; }
      });
    }
    function later() {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { if (!composing && box.value !== shown) { ask(); } }, PAUSE);
    }

    box.addEventListener("compositionstart", function () { composing = true; window.clearTimeout(timer); });
    box.addEventListener("compositionend", function () { composing = false; later(); });
    box.addEventListener("input", function (event) { if (!composing && !event.isComposing) { later(); } });
    if (box.value) { ask(); }
  }

  function pictures(box, frame) {
    var label = document.createElement("label"), chooser = document.createElement("input");
    var status = document.createElement("span");
    label.className = "add-picture button";
    label.textContent = box.dataset.sayUpload;
    chooser.type = "file";
    chooser.accept = "image/png,image/jpeg,image/webp,image/gif";
    status.setAttribute("role", "status");
    label.appendChild(chooser);
    frame.insertBefore(status, frame.firstChild);
    frame.insertBefore(label, status);

    function insert(text) {
      box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
    function send(file) {
      var body = new FormData();
      body.append("image", file);
      status.textContent = box.dataset.sayUploading;
      post(box.dataset.upload, body).then(function (response) { return response.json(); }).then(function (answer) {
        status.textContent = answer.error || "";
        if (answer.markdown) { insert(answer.markdown); }
      }).catch(function () { status.textContent = box.dataset.sayRefused; });
    }
    function take(event, data) {
      var file = data && data.files && data.files[0];
      if (file && /^image\//.test(file.type)) { event.preventDefault(); send(file); }
    }

    chooser.addEventListener("change", function () { if (chooser.files[0]) { send(chooser.files[0]); chooser.value = ""; } });
    box.addEventListener("paste", function (event) { take(event, event.clipboardData); });
    box.addEventListener("drop", function (event) { take(event, event.dataTransfer); });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("textarea[data-preview]").forEach(function (box) {
      var frame = box.closest(".markdownx"), pane = frame.querySelector(".markdownx-preview");
      pane.setAttribute("aria-label", box.dataset.sayPreview);
      pane.setAttribute("role", "region");
      pane.tabIndex = 0; /* a long text scrolls within its pane, by keyboard too */
      preview(box, pane);
      if (box.dataset.upload) { pictures(box, frame); }
    });
  });
})();
