// Runs before the first paint, so that a chosen display mode does not flash in late. The only script that is no module.
(function () {
  "use strict";
  var root = document.documentElement;
  var read = function (key) {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  var contrast = read("suiwen.contrast");
  var wanted = contrast ? contrast === "more" : window.matchMedia("(prefers-contrast: more)").matches;
  root.dataset.contrast = wanted ? "more" : "normal";
  root.dataset.print = read("suiwen.print") === "large" ? "large" : "normal";
  root.classList.add("scripted");
})();
