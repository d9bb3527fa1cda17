"use strict";
// The report of a run. photos.js calls report.index with all photos, a0.js, b0.js ... report.piece with the people of a
// hundred photos each. What is shown stands behind the # of the address. Names come from files: only ever as text.
const report = (() => {
  const [NAME, SOURCE, WIDTH, HEIGHT, PEOPLE, BEST, STATE, MESSAGE, DIFFERS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const WARNED = 1, FAILED = 2, PER_PAGE = 60;
  const COLOURS = ["#ff5a5f", "#2dc5f4", "#ffd23f", "#7ae582", "#c77dff", "#ff9f1c"];
  const byId = id => document.getElementById(id);
  const pieces = new Map();
  let data = null, shown = [], chosen = -1;

  // An element with attributes and children; a child that is a text stays one.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function draw(tag, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  // What is shown, from the address; the defaults do not stand there.
  const DEFAULTS = { q: "", show: "all", least: "", sort: "run", plain: "", page: "0", photo: "" };
  function state() {
    const words = new URLSearchParams(location.hash.slice(1)), result = { ...DEFAULTS };
    for (const name of Object.keys(DEFAULTS)) if (words.has(name)) result[name] = words.get(name);
    return result;
  }
  function go(changes, replace = false) {
    const words = new URLSearchParams(), next = { ...state(), ...changes };
    for (const [name, value] of Object.entries(next)) if (value !== DEFAULTS[name]) words.set(name, value);
    if (replace) {
      history.replaceState(null, "", "#" + words);
      show();
    } else {
      location.hash = words;
    }
  }

  // The people of a photo, from the file that they stand in.
  function people(side, photo) {
    const number = Math.floor(photo / data.piece), key = side + number;
    if (!pieces.has(key)) {
      const piece = {};
      piece.loaded = new Promise(resolve => { piece.resolve = resolve; });
      pieces.set(key, piece);
      const script = make("script", { src: key + ".js" });
      script.onerror = () => piece.resolve([]);
      document.body.append(script);
    }
    return pieces.get(key).loaded.then(list => list[photo % data.piece] || []);
  }

  function skeleton(list, width, height) {
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}` }), radius = Math.max(width, height) / 160;
    list.forEach(([, joints], index) => {
      const colour = COLOURS[index % COLOURS.length];
      const sure = joint => Math.max(0.15, Math.min(1, joints[3 * joint + 2]));
      for (const [from, to] of data.skeleton.limbs)
        svg.append(draw("line", {
          x1: joints[3 * from], y1: joints[3 * from + 1], x2: joints[3 * to], y2: joints[3 * to + 1], stroke: colour,
          "stroke-width": radius * 0.9, "stroke-linecap": "round", opacity: Math.min(sure(from), sure(to))
        }));
      for (let joint = 0; 3 * joint < joints.length; ++joint) {
        const circle = draw("circle", {
          cx: joints[3 * joint], cy: joints[3 * joint + 1], r: radius, fill: colour, stroke: "#000",
          "stroke-width": radius / 4, opacity: sure(joint)
        });
        const title = draw("title", {});
        title.textContent = `${data.skeleton.joints[joint]} ${joints[3 * joint + 2]}`;
        circle.append(title);
        svg.append(circle);
      }
    });
    return svg;
  }

  // A photo with its skeletons over it; `side` is "a" or "b".
  function picture(side, index) {
    const photo = data.photos[index], box = make("div", { class: "photo" });
    if (photo[STATE] === FAILED && !photo[WIDTH]) {
      box.append(make("span", { class: "message bad" }, photo[MESSAGE]));
      return box;
    }
    const image = make("img", { src: photo[SOURCE], loading: "lazy", alt: photo[NAME] });
    image.onerror = () => image.classList.add("gone");
    box.append(image);
    if (!state().plain)
      people(side, index).then(list => {
        if (photo[WIDTH] && photo[HEIGHT]) box.append(skeleton(list, photo[WIDTH], photo[HEIGHT]));
      });
    return box;
  }

  function caption(photo) {
    const words = [photo[PEOPLE] === 1 ? "1 person" : `${photo[PEOPLE]} people`];
    if (photo[PEOPLE]) words.push(`best score ${photo[BEST]}`);
    if (data.against !== null) words.push(`difference ${photo[DIFFERS]}`);
    const small = make("small", {}, photo[STATE] === FAILED ? "failed" : words.join(", "));
    const message = photo[MESSAGE] ? [make("small", { class: "bad" }, photo[MESSAGE])] : [];
    return make("div", { class: "caption" }, photo[NAME], small, ...message);
  }

  const TESTS = {
    all: () => true,
    people: photo => photo[PEOPLE] > 0,
    nobody: photo => photo[PEOPLE] === 0 && photo[STATE] !== FAILED,
    warned: photo => photo[STATE] === WARNED,
    failed: photo => photo[STATE] === FAILED
  };
  const ORDERS = {
    run: () => 0,
    name: (a, b) => (a[NAME] < b[NAME] ? -1 : a[NAME] > b[NAME] ? 1 : 0),
    people: (a, b) => b[PEOPLE] - a[PEOPLE],
    score: (a, b) => a[BEST] - b[BEST],
    failed: (a, b) => b[STATE] - a[STATE],
    differs: (a, b) => b[DIFFERS] - a[DIFFERS]
  };

  function select(now) {
    const part = now.q.toLowerCase(), test = TESTS[now.show] || TESTS.all, least = parseFloat(now.least);
    const order = ORDERS[now.sort] || ORDERS.run, photos = data.photos;
    shown = [];
    photos.forEach((photo, index) => {
      if (test(photo) && photo[NAME].toLowerCase().includes(part) && !(photo[BEST] < least)) shown.push(index);
    });
    shown.sort((a, b) => order(photos[a], photos[b]) || a - b);
  }

  const pages = () => Math.max(1, Math.ceil(shown.length / PER_PAGE));
  const pageOf = now => Math.min(pages() - 1, Math.max(0, parseInt(now.page, 10) || 0));

  function showGrid(now) {
    const page = pageOf(now), grid = make("div", { class: "grid" });
    for (const index of shown.slice(page * PER_PAGE, (page + 1) * PER_PAGE)) {
      const card = make("button", { class: "card", type: "button", "data-photo": index },
        picture("a", index), caption(data.photos[index]));
      card.onclick = () => go({ photo: String(index) });
      grid.append(card);
    }
    byId("main").replaceChildren(grid);
    byId("count").textContent = `${shown.length} of ${data.photos.length} photos`;
    const turn = (text, to) => {
      const button = make("button", { type: "button" }, text);
      button.disabled = to < 0 || to >= pages();
      button.onclick = () => go({ page: String(to) });
      return button;
    };
    byId("pages").replaceChildren(turn("Previous", page - 1), `page ${page + 1} of ${pages()}`, turn("Next", page + 1));
    choose(Math.max(0, shown.indexOf(chosen) - page * PER_PAGE), false);
  }

  function table(person, number) {
    const [score, joints] = person, rows = data.skeleton.joints.map((name, joint) => make("tr", {},
      make("th", { scope: "row" }, name), ...[0, 1, 2].map(i => make("td", {}, String(joints[3 * joint + i])))));
    const head = make("tr", {}, ...["joint", "x", "y", "score"].map(name => make("th", {}, name)));
    const title = make("caption", {}, `person ${number + 1}, score ${score}`);
    title.style.color = "inherit";
    title.style.borderLeft = `8px solid ${COLOURS[number % COLOURS.length]}`;
    title.style.paddingLeft = "8px";
    return make("table", {}, title, head, ...rows);
  }

  function column(side, title, index) {
    const tables = make("div", { class: "people" });
    people(side, index).then(list => tables.append(...list.map(table)));
    return make("section", {}, make("h2", {}, title), picture(side, index), tables);
  }

  function showDetail(index) {
    const photo = data.photos[index], back = make("button", { type: "button" }, "Back (Esc)");
    back.onclick = () => go({ photo: "" });
    const sides = make("div", { class: "sides" }, column("a", data.run, index));
    if (data.against !== null) sides.append(column("b", data.against, index));
    byId("main").replaceChildren(make("div", { class: "detail" }, back, caption(photo), sides));
    byId("count").textContent = `photo ${shown.indexOf(index) + 1} of ${shown.length}`;
    byId("pages").replaceChildren();
    chosen = index;
    window.scrollTo(0, 0);
  }

  function show() {
    if (!data) return;
    const now = state(), index = parseInt(now.photo, 10);
    for (const name of ["q", "show", "least", "sort"]) if (byId(name).value !== now[name]) byId(name).value = now[name];
    byId("plain").checked = now.plain === "1";
    select(now);
    if (index >= 0 && index < data.photos.length) showDetail(index);
    else showGrid(now);
  }

  function choose(place, focus) {
    const cards = [...document.querySelectorAll(".card")];
    if (!cards.length) return;
    const card = cards[Math.min(cards.length - 1, Math.max(0, place))];
    for (const other of cards) other.classList.toggle("chosen", other === card);
    chosen = Number(card.dataset.photo);
    if (focus) card.focus();
  }

  function onKey(event) {
    const inField = ["INPUT", "SELECT"].includes(event.target.tagName), now = state();
    if (event.key === "Escape") {
      if (inField) event.target.blur();
      else if (now.photo) go({ photo: "" });
      return;
    }
    if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up" }[event.key];
    if (event.key === "/") {
      byId("q").focus();
    } else if (now.photo && (step === 1 || step === -1)) {
      const next = shown[shown.indexOf(Number(now.photo)) + step];
      if (next !== undefined) go({ photo: String(next) }, true);
    } else if (!now.photo && step) {
      const columns = getComputedStyle(document.querySelector(".grid")).gridTemplateColumns.split(" ").length;
      const place = shown.indexOf(chosen) - pageOf(now) * PER_PAGE;
      choose(place + (step === "down" ? columns : step === "up" ? -columns : step), true);
    } else if (!now.photo && (event.key === "PageDown" || event.key === "PageUp")) {
      const page = pageOf(now) + (event.key === "PageDown" ? 1 : -1);
      if (page >= 0 && page < pages()) go({ page: String(page) });
    } else if (!now.photo && event.key === "Enter" && event.target.tagName !== "BUTTON") {
      go({ photo: String(chosen) });
    } else {
      return;
    }
    event.preventDefault();
  }

  for (const name of ["q", "show", "least", "sort"])
    byId(name).addEventListener("input", () => go({ [name]: byId(name).value, page: "0", photo: "" }, true));
  byId("plain").addEventListener("input", () => go({ plain: byId("plain").checked ? "1" : "" }, true));
  byId("bar").addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", show);
  addEventListener("keydown", onKey);

  return {
    index(all) {
      data = all;
      const failed = data.photos.filter(photo => photo[STATE] === FAILED).length;
      byId("title").textContent = data.against === null ? data.run : `${data.run} against ${data.against}`;
      if (failed) byId("title").append(make("small", { class: "bad" }, ` ${failed} failed`));
      if (data.against === null) document.querySelector("option[value=differs]").remove();
      else DEFAULTS.sort = "differs";
      show();
    },
    piece(side, number, list) { pieces.get(side + number).resolve(list); }
  };
})();
