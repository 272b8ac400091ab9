// Sorting, filtering, searching and folding of the table. Without it the page
// is whole: every row open, losses first.
(function () {
  "use strict";
  var table = document.getElementById("all");
  if (!table) return;
  var bodies = Array.prototype.slice.call(table.tBodies);
  var filter = document.getElementById("filter"), search = document.getElementById("search");
  var shown = document.getElementById("shown"), openAll = document.getElementById("openall");
  var texts = bodies.map(function (b) { return b.textContent.toLowerCase(); });

  function fold(body, open) {
    body.querySelector(".detail").hidden = !open;
    body.querySelector(".more").setAttribute("aria-expanded", String(open));
  }
  function update() {
    var kind = filter.value, word = search.value.trim().toLowerCase(), n = 0;
    bodies.forEach(function (b, i) {
      var fits = (!kind || (" " + b.dataset.kinds + " ").indexOf(" " + kind + " ") >= 0) &&
        (!word || texts[i].indexOf(word) >= 0);
      b.hidden = !fits;
      if (fits) n++;
    });
    shown.textContent = n + " of " + bodies.length;
  }
  function sort(th) {
    var down = th.getAttribute("aria-sort") === "ascending", key = th.dataset.key;
    table.querySelectorAll("th[aria-sort]").forEach(function (h) { h.removeAttribute("aria-sort"); });
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    bodies.slice().sort(function (a, b) {
      var d = Number(a.dataset[key]) - Number(b.dataset[key]);
      return (down ? -d : d) || Number(a.dataset.n) - Number(b.dataset.n);
    }).forEach(function (b) { table.appendChild(b); });
  }

  bodies.forEach(function (b) {
    fold(b, false);
    b.querySelector(".more").addEventListener("click", function () {
      fold(b, b.querySelector(".detail").hidden);
    });
  });
  table.querySelectorAll("th[data-key]").forEach(function (th) {
    th.querySelector("button").addEventListener("click", function () { sort(th); });
  });
  openAll.addEventListener("click", function () {
    var open = openAll.textContent === "open all";
    bodies.forEach(function (b) { fold(b, open); });
    openAll.textContent = open ? "close all" : "open all";
  });
  filter.addEventListener("change", update);
  search.addEventListener("input", update);
  document.addEventListener("keydown", function (e) {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      search.focus();
    } else if (e.key === "Escape" && document.activeElement === search) {
      search.value = "";
      update();
    }
  });
  update();
})();
