// Drills.
(function () {
  "use strict";
})();
