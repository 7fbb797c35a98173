// The chat desk.
(function () {
  "use strict";
})();
