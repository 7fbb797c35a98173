// Behaviour of the trainers' tables.
(function () {
  "use strict";
})();
