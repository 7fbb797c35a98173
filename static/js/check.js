// The reply checker.
(function () {
  "use strict";
})();
