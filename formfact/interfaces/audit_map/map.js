"use strict";
// Everything from a document reaches the page through textContent alone.
const data = JSON.parse(document.getElementById("data").textContent);
const by = id => document.getElementById(id);
const STEPS = [[0, "under 50 %"], [0.5, "50 – 70 %"], [0.7, "70 – 85 %"], [0.85, "85 – 95 %"], [0.95, "95 % and more"]];
const SHOWN = 40;
const state = { cut: 10, cell: null, words: "", reason: "", shown: SHOWN };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child != null && child !== false));
  return node;
}
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
const step = share => share == null ? 5 : STEPS.reduce((at, [least], i) => share >= least ? i : at, 0);
const count = number => number.toLocaleString("en");
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

// What is found -------------------------------------------------------------------------------------------------

const found = (passage, cut) => {
  const asked = passage.asked;
  return asked.length ? asked.filter(one => one.rank && one.rank <= cut).length / asked.length : null;
};
function share(passages, cut) {
  const rates = passages.map(one => found(one, cut)).filter(rate => rate != null);
  return rates.length ? rates.reduce((sum, rate) => sum + rate, 0) / rates.length : null;
}
const lostIn = passages => passages.filter(one => one.lost).length;

// Cells: documents, or where there are too many of them the files or folders that hold them ----------------------

const passages = data.passages.map((one, at) => ({ ...one, at, asked: one.asked.map(([question, rank, overlap]) => ({ question, rank, overlap })) }));
const MOST_CELLS = 1200;
function grouped(key) {
  const groups = new Map();
  for (const one of passages) {
    const name = key(one);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(one);
  }
  return groups;
}
const documentOf = one => data.documents[one.document];
const LEVELS = [
  ["a document", one => `${one.document}`, one => documentOf(one).name, one => documentOf(one).group],
  ["a file", one => documentOf(one).source, one => documentOf(one).source.split("/").pop(), one => documentOf(one).group],
  ["a folder", one => documentOf(one).group, one => documentOf(one).group, () => ""],
];
const level = LEVELS.find(([, key], at) => at === LEVELS.length - 1 || grouped(key).size <= MOST_CELLS);
const cells = [...grouped(level[1])].map(([key, members]) => ({ key, members, name: level[2](members[0]), group: level[3](members[0]), size: members.length }));
by("unit").textContent = level[0];

// The map: a squarified treemap (Bruls, Huizing and van Wijk 2000), folders first, then what they hold ---------------

function squarify(items, box) {
  const total = items.reduce((sum, item) => sum + item.size, 0), placed = [];
  let { x, y, w, h } = box, rest = [...items].sort((a, b) => b.size - a.size);
  const scale = w * h / (total || 1);
  const worst = (row, side) => {
    const sum = row.reduce((s, item) => s + item.size * scale, 0);
    return Math.max(...row.map(item => Math.max(side * side * item.size * scale / (sum * sum), sum * sum / (side * side * item.size * scale))));
  };
  while (rest.length) {
    const side = Math.min(w, h), row = [rest[0]];
    let at = 1;
    while (at < rest.length && worst([...row, rest[at]], side) <= worst(row, side)) row.push(rest[at++]);
    rest = rest.slice(at);
    const thick = row.reduce((s, item) => s + item.size * scale, 0) / side;
    let along = 0;
    for (const item of row) {
      const long = item.size * scale / thick;
      placed.push(w >= h ? { item, x, y: y + along, w: thick, h: long } : { item, x: x + along, y, w: long, h: thick });
      along += long;
    }
    if (w >= h) { x += thick; w -= thick; } else { y += thick; h -= thick; }
  }
  return placed;
}

function place(node, { x, y, w, h }) {
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${Math.max(w, 0)}px`, height: `${Math.max(h, 0)}px` });
}

const buttons = new Map();
function draw() {
  const map = by("map"), groups = new Map();
  map.replaceChildren();
  buttons.clear();
  for (const cell of cells) {
    if (!groups.has(cell.group)) groups.set(cell.group, { name: cell.group, size: 0, cells: [] });
    const group = groups.get(cell.group);
    group.cells.push(cell);
    group.size += cell.size;
  }
  const whole = { x: 0, y: 0, w: map.clientWidth, h: map.clientHeight };
  for (const { item: group, ...box } of squarify([...groups.values()], whole)) {
    const titled = groups.size > 1 && group.name && box.h > 44 && box.w > 50;
    const frame = make("div", { class: "group" }, titled && make("span", { title: group.name }, group.name));
    place(frame, { x: box.x + 1, y: box.y + 1, w: box.w - 2, h: box.h - 2 });
    map.append(frame);
    const top = titled ? 18 : 0;
    for (const { item: cell, ...inner } of squarify(group.cells, { x: 0, y: top, w: box.w - 2, h: box.h - 2 - top })) {
      const button = make("button", { type: "button", class: "cell", tabindex: "-1", onclick: () => open(cell) });
      place(button, { x: inner.x, y: inner.y, w: inner.w - 1, h: inner.h - 1 });
      cell.box = { x: box.x + inner.x + inner.w / 2, y: box.y + inner.y + inner.h / 2 };
      cell.room = inner;
      frame.append(button);
      buttons.set(cell, button);
    }
  }
  if (cells.length) buttons.get(state.cell || cells[0]).tabIndex = 0;
  paint();
}

function paint() {
  for (const [cell, button] of buttons) {
    const rate = share(cell.members, state.cut), lost = lostIn(cell.members), { w, h } = cell.room;
    button.className = `cell s${step(rate)}${cell === state.cell ? " chosen" : ""}${state.words && !matches(cell) ? " dim" : ""}`;
    const said = rate == null ? "not asked" : `${percent(rate)} found`;
    button.setAttribute("aria-label", `${cell.name}: ${plural(cell.size, "passage")}, ${said}${lost ? `, ${lost} lost` : ""}`);
    button.title = button.getAttribute("aria-label");
    button.replaceChildren();
    if (w > 44 && h > 18) {
      const rated = h > 36 && rate != null, name = make("span", { class: "name" }, cell.name.split("/").pop());
      name.style.webkitLineClamp = Math.max(1, Math.floor((h - 6) / 14.4) - rated);
      button.append(name);
      if (rated) button.append(make("em", {}, percent(rate)));
    }
    if (lost && w > 24 && h > 20) button.append(make("span", { class: "dot", "aria-hidden": "true" }, `${lost}`));
  }
}

by("map").addEventListener("keydown", event => {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const here = cells.find(cell => buttons.get(cell) === document.activeElement);
  if (!(event.key in arrows) || !here) return;
  event.preventDefault();
  const [dx, dy] = arrows[event.key];
  let best = null, least = Infinity;
  for (const cell of cells) {
    const along = (cell.box.x - here.box.x) * dx + (cell.box.y - here.box.y) * dy;
    const aside = Math.abs((cell.box.x - here.box.x) * dy) + Math.abs((cell.box.y - here.box.y) * dx);
    if (along > 1 && along + 2.5 * aside < least) { least = along + 2.5 * aside; best = cell; }
  }
  if (best) focusCell(best);
});
function focusCell(cell) {
  for (const button of buttons.values()) button.tabIndex = -1;
  buttons.get(cell).tabIndex = 0;
  buttons.get(cell).focus();
}

// Search --------------------------------------------------------------------------------------------------------

const haystack = passages.map(one => [documentOf(one).name, ...one.headings, one.text, ...one.asked.map(a => a.question)].join("\n").toLowerCase());
const holds = one => state.words.split(/\s+/).every(word => haystack[one.at].includes(word));
const matches = cell => cell.members.some(holds);
let waiting = 0;
by("search").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    state.words = by("search").value.trim().toLowerCase();
    state.shown = SHOWN;
    paint();
    if (state.words) list(`“${by("search").value.trim()}”`, passages.filter(holds));
    else if (state.cell) open(state.cell, false);
    else close();
  }, 120);
});

// The panel -------------------------------------------------------------------------------------------------------

function open(cell, move = true) {
  state.cell = cell;
  state.shown = SHOWN;
  list(cell.name, cell.members);
  focusCellQuietly(cell);
  paint();
  if (move) by("panel-title").focus();
}
function focusCellQuietly(cell) {
  for (const button of buttons.values()) button.tabIndex = -1;
  buttons.get(cell).tabIndex = 0;
}
function close() {
  const last = state.cell;
  state.cell = null;
  welcome();
  paint();
  if (last && document.activeElement !== by("search")) focusCell(last);
}
// What the panel shows until a cell is chosen: where to look first.
function welcome() {
  by("stage").classList.remove("open");
  by("close").hidden = true;
  by("panel-title").textContent = "Where to look first";
  const rated = cells.map(cell => ({ cell, rate: share(cell.members, state.cut), lost: lostIn(cell.members) })).filter(one => one.rate != null);
  rated.sort((a, b) => b.lost - a.lost || (1 - b.rate) * b.cell.size - (1 - a.rate) * a.cell.size);
  by("panel-body").replaceChildren(
    make("p", { class: "quiet" }, "Most lost passages, then most questions that miss."),
    ...rated.slice(0, 12).filter(one => one.lost || one.rate < 1).map(({ cell, rate, lost }) => make("button", { type: "button", class: "start", onclick: () => open(cell) },
      make("b", { class: `s${step(rate)}` }, percent(rate)), make("span", {}, cell.name, lost ? ` · ${lost} lost` : ""))));
}
by("close").addEventListener("click", close);
addEventListener("keydown", event => {
  const writing = document.activeElement === by("search");
  if (event.key === "Escape") {
    if (writing && by("search").value) { by("search").value = ""; by("search").dispatchEvent(new Event("input")); }
    else if (state.cell || state.words) close();
  } else if (event.key === "/" && !writing) {
    event.preventDefault();
    by("search").focus();
  }
});

let current = ["", []];
function list(title, members) {
  current = [title, members];
  by("stage").classList.add("open");
  by("close").hidden = false;
  by("panel-title").textContent = title;
  const worst = one => one.lost ? -2 : one.asked.length ? found(one, state.cut) : 2;
  const ordered = [...members].sort((a, b) => worst(a) - worst(b) || a.at - b.at);
  const rate = share(members, state.cut), lost = lostIn(members);
  const head = make("p", { class: "quiet" }, [
    plural(members.length, "passage"), rate != null && `${percent(rate, 1)} of their questions find them @${state.cut}`, lost && `${lost} lost`,
  ].filter(Boolean).join(" · "));
  const body = by("panel-body");
  body.replaceChildren(head, ...ordered.slice(0, state.shown).map(passageNode));
  if (ordered.length > state.shown) {
    body.append(make("button", { type: "button", class: "more", onclick: () => { state.shown += 100; list(...current); } }, `Show more of ${count(ordered.length)}`));
  }
  by("panel").scrollTop = 0;
}

function whereOf(one) {
  const name = documentOf(one).name, named = state.words || level[0] !== "a document";
  const page = one.page && `page ${one.page}`;
  return [named && name, page, ...one.headings, `characters ${count(one.start)}–${count(one.end)}`].filter(Boolean).join(" › ");
}
function passageNode(one) {
  return make("div", { class: "passage" },
    make("div", { class: "where" }, whereOf(one)),
    one.text && make("div", { class: "text" }, ...marked(one.text)),
    ...one.asked.map(askedNode),
    !one.asked.length && make("div", { class: "quiet" }, one.drawn ? "No question could be made of it." : "Not in the sample."),
    one.lost && make("div", { class: "why" }, make("strong", {}, one.lost.reason), `${capital(one.lost.why)}. What would help: ${one.lost.help}.`));
}
function askedNode({ question, rank }) {
  const shade = rank === 1 ? 4 : rank && rank <= 5 ? 3 : rank && rank <= 10 ? 2 : rank ? 1 : 0;
  const told = rank ? `found at rank ${rank}` : "not among the best 20";
  return make("div", { class: "asked" }, make("b", { class: `s${shade}`, title: told, "aria-label": told }, rank ? `#${rank}` : "–"), make("span", {}, ...marked(question)));
}
function marked(text) {
  const words = state.words.split(/\s+/).filter(Boolean).map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!words.length) return [text];
  const parts = text.split(new RegExp(`(${words.join("|")})`, "gi"));
  return parts.map((part, at) => at % 2 ? make("mark", {}, part) : part);
}

// Figures, parts, lists -----------------------------------------------------------------------------------------

function scale(rate, interval) {
  const bar = make("i"), node = make("div", { class: "scale", "aria-hidden": "true" }, bar);
  bar.style.width = `${100 * rate}%`;
  bar.style.background = `var(--c${step(rate)})`;
  if (interval) {
    const range = make("b");
    range.style.left = `${100 * interval[0]}%`;
    range.style.width = `${100 * (interval[1] - interval[0])}%`;
    node.append(range);
  }
  return node;
}

function figures() {
  const node = by("figures");
  for (const [cut, one] of Object.entries(data.findability)) {
    const [low, high] = one.interval;
    node.append(make("div", { class: "figure" },
      make("div", { class: "name" }, cut === "1" ? "found first" : `among the best ${cut}`),
      make("div", { class: "rate" }, (100 * one.rate).toFixed(1), make("small", {}, " %")),
      scale(one.rate, one.interval),
      make("div", { class: "quiet" }, `${(100 * low).toFixed(0)} – ${percent(high)} (95 %)`)));
  }
  const lost = data.lost.length;
  node.append(make("div", { class: "figure wide" },
    make("div", { class: "name" }, "lost passages"),
    make("div", { class: "rate" }, count(lost), make("small", {}, ` of ${count(data.asked)} asked for`)),
    make("div", { class: "quiet" }, lost ? "none of their questions brings them among the best 10" : "every passage is among the best 10 for one of its questions")));
}

function parts() {
  const titles = { overlap: "Words that question and passage share", format: "Format", folder: "Folder" };
  const node = by("parts");
  node.replaceChildren();
  for (const [name, title] of Object.entries(titles)) {
    const rows = data.by[name] || [];
    if (rows.length < 2) continue;
    const ordered = name === "overlap" ? rows : [...rows].sort((a, b) => a.findability[state.cut].rate - b.findability[state.cut].rate);
    node.append(make("div", {}, make("h3", {}, title), ...ordered.slice(0, 10).map(row => {
      const one = row.findability[state.cut];
      return make("div", { class: "part" }, make("span", { title: row.name }, row.name), make("span", { class: "n" }, count(row.passages)),
        scale(one.rate, one.interval), make("span", { class: "r" }, percent(one.rate, 1)));
    })));
  }
}

function go(at) {
  const one = passages[at], cell = cells.find(other => other.members.includes(one));
  by("search").value = state.words = "";
  open(cell);
  by("stage").scrollIntoView({ block: "start", behavior: "smooth" });
}

let lostShown = 24;
function lost() {
  const counts = new Map();
  for (const one of passages) if (one.lost) counts.set(one.lost.reason, (counts.get(one.lost.reason) || 0) + 1);
  const chips = [...counts].sort((a, b) => b[1] - a[1]).map(([reason, number]) => make("button", {
    type: "button", "aria-pressed": state.reason === reason ? "true" : "false",
    onclick: () => { state.reason = state.reason === reason ? "" : reason; lost(); },
  }, `${reason} · ${count(number)}`));
  by("reasons").replaceChildren(...chips);
  const chosen = passages.filter(one => one.lost && (!state.reason || one.lost.reason === state.reason));
  const node = by("lost");
  if (!chosen.length) { node.replaceChildren(make("p", { class: "quiet" }, "No passage is lost.")); return; }
  node.replaceChildren(make("div", { class: "cards" }, ...chosen.slice(0, lostShown).map(one => make("div", { class: "card" },
    make("button", { type: "button", class: "link", onclick: () => go(one.at) }, documentOf(one).name),
    passageNode(one)))));
  if (chosen.length > lostShown) node.append(make("button", { type: "button", class: "more", onclick: () => { lostShown += 100; lost(); } }, `Show more of ${count(chosen.length)}`));
}

function statement({ document, text, value, at }) {
  const start = text.indexOf(value);
  const shown = start < 0 ? [text] : [text.slice(0, start), make("mark", {}, value), text.slice(start + value.length)];
  return make("div", {}, make("div", { class: "value" }, value), make("div", { class: "text" }, ...shown),
    at == null ? make("div", { class: "where" }, document) : make("button", { type: "button", class: "link", onclick: () => go(at) }, document));
}

let clashesShown = 12, twinsShown = 12;
function disagreements() {
  by("clashes-section").hidden = !data.clashes.length;
  by("clashes").replaceChildren(...data.clashes.slice(0, clashesShown).map(clash => make("div", { class: "card" }, make("div", { class: "pair" }, statement(clash.one), statement(clash.other)))));
  if (data.clashes.length > clashesShown) by("clashes").append(make("button", { type: "button", class: "more", onclick: () => { clashesShown += 50; disagreements(); } }, `Show more of ${count(data.clashes.length)}`));
  by("twins-section").hidden = !data.twins.length;
  const groups = data.twins.slice(0, twinsShown).map(({ places, likeness }) => make("div", { class: "card" },
    make("h3", {}, plural(places.length, "passage")), make("div", { class: "quiet" }, `at least ${percent(likeness)} of their runs of words are the same`),
    ...places.slice(0, 8).map(at => make("div", {}, make("button", { type: "button", class: "link", onclick: () => go(at) }, documentOf(passages[at]).name), make("span", { class: "where" }, ` ${count(passages[at].start)}–${count(passages[at].end)}`))),
    places.length > 8 && make("div", { class: "quiet" }, `and ${count(places.length - 8)} more`),
    make("div", { class: "text" }, passages[places[0]].text.slice(0, 200))));
  by("twins").replaceChildren(make("div", { class: "cards" }, ...groups));
  if (data.twins.length > twinsShown) by("twins").append(make("button", { type: "button", class: "more", onclick: () => { twinsShown += 50; disagreements(); } }, `Show more of ${count(data.twins.length)}`));
}

function controls() {
  for (const cut of [1, 5, 10, 20]) {
    const input = make("input", { type: "radio", name: "cut", value: `${cut}`, onchange: () => { state.cut = cut; paint(); parts(); state.cell || state.words ? list(...current) : welcome(); } });
    input.checked = cut === state.cut;
    by("cuts").append(make("label", {}, input, make("span", {}, `${cut}`)));
  }
  const swatches = [...STEPS.map(([, name], at) => [at, name]), [5, data.sampled ? "not asked, or nothing to ask" : "nothing to ask"]];
  by("legend").append(...swatches.map(([at, name]) => make("span", {}, make("i", { class: `s${at}` }), name)), make("span", {}, make("i", { class: "dotkey" }, ""), "number in a dot: lost passages"));
  by("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  const whole = data.sampled ? `${count(data.asked)} of ${count(data.total)} passages asked for` : `${plural(data.total, "passage")}`;
  by("about").textContent = `${data.address} · ${whole} in ${plural(data.documents.length, "document")} · ${count(data.questions)} questions by ${data.maker} · ${data.embedder}`;
  by("foot").textContent = "Made by formfact audit. A rate is the mean over passages of the share of their questions that find them, or another passage with the same sentence.";
}

controls();
figures();
parts();
lost();
disagreements();
draw();
welcome();
let resizing = 0, width = innerWidth;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => { if (width !== innerWidth) { width = innerWidth; draw(); } }, 120); });
