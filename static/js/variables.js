/* The {name|default} fields. Shop values live until sign-out, customer values until 下一位 or ten idle minutes.
   Both stay in this tab's session storage and never reach the server. */
(function () {
  "use strict";
  var IDLE = 10 * 60 * 1000, SIGNED_OUT = "signed-out", LOADED = Date.now(), memory = {};

  function read(scope) {
    try { return JSON.parse(window.sessionStorage.getItem("fields." + scope)) || {}; } catch (denied) { return memory[scope] || {}; }
  }
  function write(scope, values) {
    memory[scope] = values;
    try { window.sessionStorage.setItem("fields." + scope, JSON.stringify(values)); } catch (denied) { /* memory serves */ }
  }
  function touch() {
    var values = read("customer");
    if (Object.keys(values).length) { values._at = Date.now(); write("customer", values); }
  }

  var fields = {
    value: function (name, scope) { return read(scope)[name] || ""; },
    set: function (name, scope, text) {
      var values = read(scope);
      text = text.trim();
      if (text) { values[name] = text; } else { delete values[name]; }
      if (scope === "customer") { values._at = Date.now(); }
      write(scope, values);
    },
    /* Greeting the wrong person is the worst mistake this page can make. Returns whether there was anything. */
    clearCustomer: function () {
      var had = Object.keys(read("customer")).some(function (name) { return name !== "_at"; });
      write("customer", {});
      /* The field with the focus too: one more key would bring the last customer back. */
      document.querySelectorAll("[data-vars] input[data-scope=customer]").forEach(function (input) { input.value = ""; });
      fields.show();
      return had;
    },
    /* Signing out: nothing typed here is the next person's business, nor in the other tabs (they hear the mark). */
    forget: function () {
      drop();
      try {
        /* What a trainer was writing in the admin goes too (admin_ours/drafts.js). */
        Object.keys(window.localStorage).forEach(function (key) {
          if (key.indexOf("kept:") === 0) { window.localStorage.removeItem(key); }
        });
      } catch (denied) { /* nothing was kept */ }
      try { window.localStorage.setItem(SIGNED_OUT, String(Date.now())); } catch (denied) { /* the next page asks who reads */ }
    },
    expire: function () {
      var at = read("customer")._at;
      return Boolean(at) && Date.now() - at > IDLE && fields.clearCustomer();
    },
    /* Put present values into every field on the page, and draw the inputs that belong to it. */
    show: function () {
      document.querySelectorAll(".var").forEach(function (span) {
        var name = span.getAttribute("data-var"), given = fields.value(name, span.getAttribute("data-scope"));
        var text = given || span.getAttribute("data-default");
        if (span.querySelector("mark") && text === span.textContent) { return; }
        span.textContent = text || name;
        span.classList.toggle("empty", !text);
      });
      document.querySelectorAll("[data-vars] input").forEach(function (input) {
        var given = fields.value(input.name, input.getAttribute("data-scope"));
        if (input !== document.activeElement && input.value !== given) { input.value = given; }
        mark(input);
      });
    },
    /* The inputs for the fields inside `source`, in order, each once. Existing inputs keep focus and caret. */
    draw: function (box, source) {
      var wanted = [], seen = {};
      source.forEach(function (part) {
        part.querySelectorAll(".var").forEach(function (span) {
          var name = span.getAttribute("data-var");
          if (seen[name]) { if (!span.getAttribute("data-default")) { seen[name].required = true; } return; }
          seen[name] = { name: name, scope: span.getAttribute("data-scope"), fallback: span.getAttribute("data-default"), required: !span.getAttribute("data-default") };
          wanted.push(seen[name]);
        });
      });
      var signature = wanted.map(function (field) { return field.name + field.fallback + field.required; }).join("|");
      if (box.getAttribute("data-drawn") !== signature) {
        box.setAttribute("data-drawn", signature);
        box.textContent = "";
        wanted.forEach(function (field) { box.appendChild(label(field, box)); });
      }
      var frame = box.closest("[data-vars-box]");
      if (frame) { frame.hidden = wanted.length === 0; }
      fields.show();
    },
    text: function (line) {
      return line.querySelector("[data-text]").textContent.trim();
    },
    firstEmpty: function (line) { return line.querySelector(".var.empty"); },
    inputFor: function (name) {
      return Array.prototype.filter.call(document.querySelectorAll("[data-vars] input"), function (input) { return input.name === name; })[0];
    }
  };
  window.portal.fields = fields;

  function drop() {
    memory = {};
    try { window.sessionStorage.clear(); } catch (denied) { /* nothing was kept */ }
  }
  /* A dock left open while somebody else signs in must not greet with the last person's name. */
  function belongs() {
    var person = document.documentElement.getAttribute("data-person");
    try {
      var before = window.sessionStorage.getItem("fields.person");
      if (before && person && before !== person) { drop(); }
      if (person) { window.sessionStorage.setItem("fields.person", person); }
    } catch (denied) { /* memory ends with the page */ }
  }
  /* A page that the browser has kept whole, for its Back button, is not for whoever sits there after a sign-out. */
  window.addEventListener("pageshow", function (event) {
    var signedOut = 0;
    try { signedOut = Number(window.localStorage.getItem(SIGNED_OUT)); } catch (denied) { /* nobody told us */ }
    if (event.persisted && signedOut > LOADED) { window.location.reload(); }
  });
  window.addEventListener("storage", function (event) {
    if (event.key !== SIGNED_OUT) { return; }
    drop();
    document.querySelectorAll("[data-vars] input").forEach(function (input) { input.value = ""; });
    fields.show();
  });

  function label(field, box) {
    var outer = document.createElement("label"), input = document.createElement("input");
    outer.appendChild(document.createTextNode(field.name));
    input.name = field.name;
    input.autocomplete = "off";
    input.setAttribute("data-scope", field.scope);
    input.placeholder = field.required ? box.getAttribute("data-say-need") : field.fallback;
    if (field.required) { input.setAttribute("data-required", ""); }
    outer.appendChild(input);
    return outer;
  }
  function mark(input) {
    var missing = input.hasAttribute("data-required") && !input.value;
    input.parentNode.classList.toggle("need", missing);
    if (input.hasAttribute("data-required")) { input.setAttribute("aria-required", "true"); }
  }

  document.addEventListener("input", function (event) {
    var input = event.target;
    if (!input.closest || !input.closest("[data-vars]")) { return; }
    fields.set(input.name, input.getAttribute("data-scope"), input.value);
    fields.show();
  });
  ["keydown", "pointerdown"].forEach(function (kind) {
    document.addEventListener(kind, function () { if (!fields.expire()) { touch(); } }, true);
  });
  window.setInterval(function () {
    var finder = document.querySelector("[data-finder]");
    if (fields.expire() && finder) { window.portal.say(finder.getAttribute("data-say-cleared")); }
  }, 15000);

  document.querySelectorAll("[data-vars][data-all]").forEach(function (box) {
    fields.draw(box, Array.prototype.slice.call(document.querySelectorAll("[data-line]")));
  });
  belongs();
  fields.expire();
  fields.show();
})();
