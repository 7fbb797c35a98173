// Remembering.
(function () {
  "use strict";
})();
