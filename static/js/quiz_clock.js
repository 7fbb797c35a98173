/* Time left, from what the server says and a clock nobody can set. Said aloud at 5 minutes, 1 minute and 10 seconds. */
(function () {
  "use strict";
  var MARKS = [[300, "minutes"], [60, "minute"], [10, "seconds"]], JUMP = 3000;

  /* `say` gives the page's words; `over` is called once at 0, `woke` when this computer was asleep. */
  window.portal.countdown = function (element, remaining, say, over, woke) {
    var end = window.performance.now() + 1000 * remaining, last = remaining, done = false;
    var monotonic = window.performance.now(), wall = Date.now();
    tick();
    var ticking = window.setInterval(tick, 250);

    function left() { return Math.max(0, (end - window.performance.now()) / 1000); }

    function tick() {
      var now = left(), asleep = (Date.now() - wall) - (window.performance.now() - monotonic);
      monotonic = window.performance.now();
      wall = Date.now();
      if (Math.abs(asleep) > JUMP) { woke(); }
      show(now);
      if (now > 0 || done) { return; }
      done = true;
      window.clearInterval(ticking);
      over();
    }

    function show(now) {
      var seconds = Math.ceil(now), rest = String(seconds % 60);
      var text = say("left").replace("{time}", Math.floor(seconds / 60) + ":" + (rest.length < 2 ? "0" + rest : rest));
      if (element.textContent !== text) { element.textContent = text; }
      element.classList.toggle("soon", now <= 300);
      var passed = MARKS.filter(function (mark) { return last > mark[0] && now <= mark[0] && now > 0; }).pop();
      if (passed) { window.portal.whisper(say(passed[1]).replace("{minutes}", String(Math.round(passed[0] / 60)))); }
      last = now;
    }

    return function sync(seconds) { end = window.performance.now() + 1000 * seconds; };
  };
})();
