// Sorting, filtering, searching and folding of the table. Without it the page
// is whole: every row open, losses first.
(function () {
  "use strict";
  var table = document.getElementById("all");
  if (!table) return;
  var bodies = Array.prototype.slice.call(table.tBodies);
  var filter = document.getElementById("filter"), search = document.getElementById("search");
  var shown = document.getElementById("shown"), openAll = document.getElementById("openall");
  var selects = [filter].concat(Array.prototype.slice.call(document.querySelectorAll("select.by")));
  var cells = Array.prototype.slice.call(document.querySelectorAll("button.cell"));
  var texts = bodies.map(function (b) { return b.textContent.toLowerCase(); });

  function fold(body, open) {
    body.querySelector(".detail").hidden = !open;
    body.querySelector(".more").setAttribute("aria-expanded", String(open));
  }
  function update() {
    var word = search.value.trim().toLowerCase(), n = 0;
    var kinds = selects.map(function (s) { return s.value; });
    cells.forEach(function (c) { if (pressed(c)) kinds.push(c.dataset.cell); });
    bodies.forEach(function (b, i) {
      var own = " " + b.dataset.kinds + " ";
      var fits = (!word || texts[i].indexOf(word) >= 0) && kinds.every(function (kind) {
        return !kind || own.indexOf(" " + kind + " ") >= 0;
      });
      b.hidden = !fits;
      if (fits) n++;
    });
    shown.textContent = n + " of " + bodies.length;
  }
  function pressed(cell) { return cell.getAttribute("aria-pressed") === "true"; }
  function press(cell) {
    cells.forEach(function (c) {
      c.setAttribute("aria-pressed", String(c === cell && !pressed(c)));
    });
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
  selects.forEach(function (s) { s.addEventListener("change", update); });
  cells.forEach(function (c) {
    c.addEventListener("click", function () { press(c); update(); });
  });
  document.getElementById("reset").addEventListener("click", function () {
    selects.forEach(function (s) { s.value = ""; });
    search.value = "";
    press(null);
    update();
  });
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
