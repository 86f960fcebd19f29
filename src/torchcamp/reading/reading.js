"use strict";
const reading = JSON.parse(document.getElementById("reading").textContent);
const code = JSON.parse(document.getElementById("code").textContent);
const order = JSON.parse(document.getElementById("order").textContent);
const listing = document.getElementById("listing"), tape = document.querySelector(".tape");
const state = { bar: "seconds_share", order: null, calls: {}, cursor: null, search: "" };

const SITE = "https://docs.pytorch.org/docs/stable/generated/";
const make = (tag, kind, text) => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  return element;
};
const amount = (n, unknown) => {
  if (!n) return unknown ? "not counted" : "";
  const unit = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]].find(([, scale]) => n >= scale);
  return (unknown ? "≥ " : "") + (unit ? `${+(n / unit[1]).toPrecision(3)} ${unit[0]}` : n);
};
const size = (n) => {
  const unit = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]].find(([, scale]) => n >= scale);
  return unit ? `${+(n / unit[1]).toPrecision(3)} ${unit[0]}` : `${n} B`;
};
const duration = (s) => s < 0.9995 ? `${+(1000 * s).toPrecision(3)} ms` : `${+s.toPrecision(3)} s`;
const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
const shape = (s) => s.length === 1 ? `(${s[0]},)` : `(${s.join(", ")})`;
const key = (line) => `${line.file}:${line.line}`;
/** Text that may break after a dot, a slash or an underscore, and nowhere inside of a word. */
const breakable = (element, text) => {
  for (const part of text.split(/(?<=[./_:=])(?=.)/)) element.append(part, make("wbr"));
  element.lastChild?.remove();
  return element;
};

// The target's own function comes first, as everywhere; those without a tensor are folded.
const functions = new Map(order.map((name) => [name.join("\u0000"), []]));
for (const line of reading.lines) functions.get(`${line.file}\u0000${line.function}`).push(line);
const touches = (line) => line.values.length > 0 || Object.keys(line.ops).length > 0;
const fails = (line) => reading.crash && reading.crash.file === line.file && line.line <= reading.crash.line && reading.crash.line <= line.end_line;

const FEW = 4; // names that are listed one by one
/** Items whose name differs only in numbers between dots, and whose kind is equal, as one group. */
function grouped(items, nameOf, kindOf) {
  const groups = new Map();
  for (const item of items) {
    const parts = nameOf(item).split(/(?<![^.\s])(\d+)(?![^.\s])/);
    const which = JSON.stringify([parts.filter((_, n) => n % 2 === 0), kindOf(item)]);
    if (!groups.has(which)) groups.set(which, []);
    groups.get(which).push({ item, parts });
  }
  return [...groups.values()].map((members) => ({
    name: members[0].parts.map((part, n) => members.every((m) => m.parts[n] === part) ? part : "*").join(""),
    items: members.map((member) => member.item),
  }));
}
const folded = (names) => names.length <= FEW ? names
  : grouped(names, (name) => name, () => "").map((g) => g.items.length > 1 ? `${g.name} ×${g.items.length}` : g.name);
/** Equal layers of equal blocks as one, with the sums of what they did. */
const foldedLayers = (layers) => grouped(layers, (layer) => layer.path,
  (layer) => [layer.layer, layer.values.map((v) => ({ ...v, count: 0 }))]).map(({ name, items }) => {
  const sum = (field) => items.reduce((total, layer) => total + layer[field], 0);
  return { ...items[0], path: name, calls: sum("calls"), params: items.flatMap((layer) => layer.params),
    values: items[0].values.map((v, n) => ({ ...v, count: items.reduce((total, layer) => total + layer.values[n].count, 0) })),
    flops_forward: sum("flops_forward"), flops_backward: sum("flops_backward"),
    seconds_share: sum("seconds_share"), saved_bytes: sum("saved_bytes") };
});
const shown = (line, name) => {
  const chosen = state.calls[name];
  if (chosen === undefined || chosen === "all" || !line.by_call) return line;
  const own = line.by_call[chosen];
  const nothing = { calls: 0, values: [], reads: [], params: [], flops_forward: 0, flops_backward: 0,
    seconds_share: 0, saved_bytes: 0, nodes: [], not_counted: [], ops: {}, recomputed: 0, children: [], pages: [] };
  const merged = { ...line, ...(own || nothing), executed: Boolean(own) };
  delete merged.with_calls;
  if (line.body_runs !== undefined) delete merged.body_runs;
  return merged;
};
const measure = (line) => {
  const numbers = state.order ? line : line.with_calls || line;
  return state.bar === "flops" ? numbers.flops_forward + numbers.flops_backward : numbers[state.bar];
};

function head() {
  const box = document.getElementById("head"), totals = reading.totals;
  const inputs = reading.input.map((i) => `${i.name ? i.name + " " : ""}${i.shape ? shape(i.shape) + " " + i.dtype : i.value}`);
  box.append(make("p", "soft", `input ${inputs.join(", ") || "none"} · backward ${reading.backward}`));
  const warn = (text, bad) => box.append(breakable(make("p", bad ? "warn bad" : "warn"), text));
  const crash = reading.crash;
  if (crash) {
    const shapes = Object.entries(crash.shapes).map(([n, s]) => `${n} ${shape(s)}`).join(", ");
    const met = crash.parameter ? ` It met ${crash.parameter.name} ${shape(crash.parameter.shape)}.` : "";
    warn(`Fails at ${crash.file}:${crash.line} in the ${crash.phase} pass: ${crash.message}. ${shapes ? "There: " + shapes + "." : ""}${met}`, true);
  }
  if (reading.input_words.startsWith("guessed")) warn(`Input ${reading.input_words}. Give the true one with --input.`);
  const left = folded(reading.weights.filter((w) => w.gradient === false).map((w) => w.name));
  if (left.length) warn(`No gradient arrived at ${left.slice(0, FEW).join(", ")}${left.length > FEW ? ` and ${counted(left.length - FEW, "other")}` : ""}.`);
  for (const note of reading.notes) warn(note[0].toUpperCase() + note.slice(1));
  for (const words of reading.blocked) warn(`Blocked: ${words}`);
  for (const words of reading.not_seen) warn(`Not seen: ${words}`);
  const figures = make("div", "figures");
  const figure = (value, words) => {
    const one = make("div", "figure");
    one.append(make("b", "", value), make("span", "", words));
    figures.append(one);
  };
  const frozen = totals.parameters - totals.trainable;
  const trained = !totals.parameters ? "" : frozen ? `, ${totals.trainable.toLocaleString("en")} trainable, ${frozen.toLocaleString("en")} frozen` : ", all trainable";
  figure(totals.parameters.toLocaleString("en"), (totals.parameters === 1 ? "parameter" : "parameters") + trained);
  figure(amount(totals.flops_forward) || "0", "FLOPs forward");
  figure(amount(totals.flops_backward) || "0", "FLOPs backward");
  figure(size(totals.peak_bytes), "of tensors at the peak");
  figure(totals.nodes.toLocaleString("en"), totals.nodes === 1 ? "node on the tape" : "nodes on the tape");
  if (totals.forward_seconds !== null) figure(duration(totals.forward_seconds), "forward, not watched");
  box.append(figures);
  if (reading.weights.length) box.append(weights());
  const skipped = reading.skipped_statements;
  if (skipped.length) {
    const details = make("details", "facts");
    details.append(make("summary", "", `ran ${reading.num_kept} of ${reading.num_kept + skipped.length} top-level statements of the file; this is not a sandbox`));
    const list = make("pre", "", skipped.map((s) => `${String(s.line).padStart(5)}  ${s.source}`).join("\n"));
    details.append(list);
    box.append(details);
  }
}

function weights() {
  const details = make("details", "facts"), table = make("table"), body = make("tbody");
  details.append(make("summary", "", `${counted(reading.weights.length, "parameter tensor")}: names, shapes, gradients`));
  for (const { name, items } of grouped(reading.weights, (w) => w.name, (w) => [w.shape, w.trainable, w.gradient])) {
    const one = items[0], row = make("tr"), size = one.shape.reduce((product, n) => product * n, 1);
    const times = items.length > 1 ? ` ×${items.length}` : "";
    const words = !one.trainable ? "frozen" : one.gradient === false ? "no gradient" : one.gradient ? "gradient" : "";
    const first = breakable(make("td", "mono"), name);
    if (times) first.append(make("span", "times value", times));
    row.append(first, make("td", "nowrap", shape(one.shape)), make("td", "number", (size * items.length).toLocaleString("en")),
      make("td", one.gradient === false ? "hint" : "faint", words));
    body.append(row);
  }
  table.append(body);
  details.append(table);
  return details;
}

function values(cell, line) {
  const given = new Set((line.reads || []).map((r) => shape(r.shape)));
  if (line.values.length && given.size === 1 && line.kind !== "def") {
    const only = [...given][0];
    if (line.values.some((v) => shape(v.shape) !== only)) cell.append(make("span", "faint value", `${only} →`), " ");
  }
  line.values.forEach((value, place) => {
    if (place) cell.append(", ");
    const one = make("span", "value"); // short names stay beside their shape
    if (value.name) (value.name.length > 20 ? cell : one).append(breakable(make("span", "name"), value.name), " ");
    one.append(shape(value.shape));
    if (value.dtype !== "float32") one.append(make("span", "faint", " " + value.dtype));
    if (value.device !== "cpu") one.append(make("span", "faint", " " + value.device));
    if (value.count > 1) one.append(make("span", "times", ` ×${value.count}`));
    cell.append(one);
  });
  if (line.body_runs !== undefined && line.executed) {
    let words = `${line.body_runs} times round`;
    if (line.kind === "if") words = line.calls > 1 ? `taken ${line.body_runs} of ${line.calls} times` : line.body_runs ? "taken" : "not taken";
    cell.append(make("span", "times", (line.values.length ? " " : "") + words));
  } else if (!line.values.length && line.calls > 1) cell.append(make("span", "times", `×${line.calls}`));
}

/** What a line used, put on the tape and is documented as; one below the other. */
function more(line, indent) {
  const box = make("div", "more");
  box.style.setProperty("--indent", `${indent}ch`);
  const add = (kind, ...parts) => { const one = make("div", kind); one.append(...parts); box.append(one); };
  if (line.params.length && !line.layer) {
    const names = folded(line.params);
    const shownNames = names.slice(0, FEW).flatMap((name, n) => [n ? ", " : "", breakable(make("span", "whole"), name)]);
    add("params", ...shownNames, names.length > FEW ? ` and ${names.length - FEW} more` : "");
    box.lastChild.title = names.join("\n");
  }
  if (Array.isArray(line.nodes) && line.nodes.length) {
    const counts = new Map();
    for (const name of line.nodes) {
      const short = name.replace(/Backward\d*$/, "");
      counts.set(short, (counts.get(short) || 0) + 1);
    }
    add("nodes", "tape ", ...[...counts].flatMap(([n, c], place) =>
      [place ? ", " : "", make("span", "whole", c > 1 ? `${n} ×${c}` : n)]));
  }
  if (line.pages && line.pages.length) add("docs", "docs ", ...line.pages.flatMap((page, n) => [n ? ", " : "", link(page)]));
  if (line.recomputed) add("hint", "runs again for the backward pass (recompute)");
  if (line.not_counted && line.not_counted.length) add("hint", `FLOPs not counted: ${line.not_counted.join(", ")}`);
  return box;
}
function link(page, words) {
  const anchor = breakable(make("a", "whole"), words || page.replace(/^torch\./, ""));
  anchor.href = `${SITE}${page}.html`;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.title = `${page} in PyTorch's documentation`;
  return anchor;
}

function cells(row, line, largest) {
  const what = make("td", "what");
  values(what, line);
  row.append(what);
  const unknown = line.not_counted && line.not_counted.length > 0;
  const numbers = state.order ? line : line.with_calls || line;
  const faint = numbers === line ? "n" : "n faint";
  const labels = ["FLOPs", "backward", "time", "kept"];
  const share = numbers.seconds_share;
  for (const words of [amount(numbers.flops_forward, unknown), amount(numbers.flops_backward, unknown),
    share >= 0.0005 ? `${(100 * share).toFixed(1)} %` : "", numbers.saved_bytes ? size(numbers.saved_bytes) : ""]) {
    const cell = make("td", faint, words);
    cell.dataset.label = labels.shift();
    row.append(cell);
  }
  if (faint !== "n") for (const cell of row.querySelectorAll("td.n")) cell.title = "with what it calls, which has rows of its own";
  const part = largest ? measure(line) / largest : 0;
  if (part > 0.004) {
    const bar = make("i", "bar");
    bar.style.width = `${Math.min(100, Math.max(1, 100 * part))}%`;
    if (numbers !== line) bar.style.opacity = 0.35;
    row.querySelector("td.src").append(bar);
  }
}

/** One line of a file; `base` is by how much its function is indented. */
function text(file, number, base) {
  const [indent, html] = code[file][number - 1];
  const one = make("div", "row-code");
  one.style.setProperty("--indent", `${Math.max(0, indent - base)}ch`);
  one.innerHTML = html;
  return one;
}

function statement(line, largest, base) {
  const row = make("tr", "stmt" + (line.executed ? "" : " quiet"));
  row.dataset.key = key(line);
  row.dataset.file = line.file; row.dataset.line = line.line;
  if (fails(line)) row.classList.add("failed");
  row.append(make("td", "at", line.line));
  const source = make("td", "src");
  for (let number = line.line; number <= line.end_line; number++) source.append(text(line.file, number, base));
  source.title = line.source;
  row.append(source);
  cells(row, line, largest);
  source.append(more(line, Math.max(0, code[line.file][line.line - 1][0] - base)));
  return row;
}

function header(sortable) {
  const row = make("tr");
  for (const [words, bar] of [["line"], ["source"], ["shapes"], ["FLOPs", "flops"], ["backward", "flops"], ["time", "seconds_share"], ["kept", "saved_bytes"]]) {
    const cell = make("th", bar ? "number" : "");
    if (bar) {
      const button = make("button", "", words);
      button.addEventListener("click", () => { state.bar = bar; state.order = state.order === bar ? null : bar; draw(); });
      cell.append(button);
      if (state.order === bar) cell.setAttribute("aria-sort", "descending");
    } else cell.textContent = words;
    row.append(cell);
  }
  const top = make("thead");
  top.append(row);
  return top;
}

function callPicker(name, numbers) {
  const box = make("span", "call");
  const select = make("select");
  select.setAttribute("aria-label", "Which call is shown");
  const add = (value, words) => { const o = make("option", "", words); o.value = value; select.append(o); };
  add("all", `all ${numbers.length} calls`);
  numbers.forEach((call, place) => {
    const where = call.module || (call.caller ? `from line ${call.caller.line}` : "");
    add(String(call.number), `call ${place + 1}${where ? ", " + where : ""}`);
  });
  select.value = state.calls[name] ?? "all";
  select.addEventListener("change", () => { state.calls[name] = select.value; draw(); });
  box.append(select);
  return box;
}

const closed = new Set([...functions.keys()].filter((name) => !functions.get(name).some((line) => touches(line) || fails(line))));
function draw() {
  listing.replaceChildren();
  for (const button of document.querySelectorAll("[data-bar]")) button.setAttribute("aria-pressed", button.dataset.bar === state.bar);
  for (const button of document.querySelectorAll("[data-order]")) button.setAttribute("aria-pressed", (button.dataset.order === "source") === (state.order === null));
  const all = reading.lines.map((line) => shown(line, `${line.file}\u0000${line.function}`));
  if (state.order) {
    const sorted = all.filter((line) => line.executed).sort((a, b) => measure(b) - measure(a));
    const largest = Math.max(0, ...sorted.map(measure));
    const panel = make("details", "function sorted"), table = make("table", "code"), body = make("tbody");
    panel.open = true;
    table.append(header(), body);
    for (const line of sorted) body.append(statement(line, largest, code[line.file][line.line - 1][0]));
    panel.append(make("summary", "", `all lines by ${{ seconds_share: "time", flops: "FLOPs", saved_bytes: "memory kept" }[state.bar]}`), table);
    listing.append(panel);
  } else {
    const largest = Math.max(0, ...all.map((line) => line.with_calls ? 0 : measure(line)));
    for (const [name, rows] of functions) listing.append(section(name, rows, largest));
  }
  place(state.cursor);
  search();
}

/** Hide what does not hold the words that are searched, and say how many lines do. */
function search() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text) => words.every((word) => text.toLowerCase().includes(word));
  listing.classList.toggle("searching", words.length > 0);
  let number = 0;
  for (const details of listing.querySelectorAll("details.function")) {
    const whole = words.length > 0 && details.dataset.name && holds(details.querySelector("summary b").textContent);
    let some = false, above = false;
    for (const row of details.querySelectorAll("tbody tr")) {
      const fits = !words.length || whole || holds([...row.cells].slice(1).map((cell) => cell.textContent).join(" "));
      const child = row.classList.contains("child");
      row.hidden = !(fits || (child && above)) || (words.length > 0 && (row.classList.contains("text") || row.classList.contains("fold")));
      if (!child) above = fits;
      if (!row.hidden) some = true;
      if (fits && row.classList.contains("stmt")) number += 1;
    }
    details.hidden = words.length > 0 && !some;
    if (words.length && some) details.open = true;
  }
  document.getElementById("found").textContent = words.length ? counted(number, "line") : "";
}

/** What the reader folds stays folded when the listing is drawn again; what a search opens does not stay. */
function remember(details, isOpen) {
  const name = details.dataset.name; // the panel of sorted lines has none
  if (!name || state.search) return;
  if (isOpen) closed.delete(name); else closed.add(name);
}

function fold(details, isOpen) {
  details.open = isOpen;
  remember(details, isOpen);
}

function section(name, rows, largest) {
  const [file, title] = name.split("\u0000");
  const details = make("details", "function");
  details.open = !closed.has(name);
  details.dataset.name = name;
  const summary = make("summary");
  // Not "toggle", which comes later: a search begun meanwhile would forget it.
  summary.addEventListener("click", () => remember(details, !details.open));
  summary.append(make("b", "", title === "null" ? "outside of functions" : title), breakable(make("span", "soft small"), `${file}:${rows[0].line}`));
  const numbers = reading.calls.filter((c) => c.file === file && c.function === title);
  details.append(summary);
  if (numbers.length > 1) details.append(callPicker(name, numbers)); // a select has no place in a summary
  const table = make("table", "code"), body = make("tbody");
  const base = code[file][rows[0].line - 1][0];
  table.append(header(), body);
  let last = rows[0].line - 1;
  for (const raw of rows) {
    for (let number = last + 1; number < raw.line && raw.line - last < 40; number++) {
      const between = make("tr", "text");
      const source = make("td", "src");
      source.append(text(file, number, base));
      source.colSpan = 6;
      between.append(make("td", "at", number), source);
      body.append(between);
    }
    last = Math.max(last, raw.end_line);
    const line = shown(raw, name);
    body.append(statement(line, largest, base));
    const indent = Math.max(0, code[file][line.line - 1][0] - base) + 2;
    for (const child of foldedLayers(line.children)) {
      const row = make("tr", "child"), source = make("td", "src");
      const words = make("div", "row-code docs"), [kind] = child.layer.split("(");
      words.append(breakable(make("span", "whole"), child.path), " ",
        child.page ? link(child.page, kind) : kind, child.layer.slice(kind.length));
      words.style.setProperty("--indent", `${indent}ch`);
      source.append(words);
      source.title = `${child.path} ${child.layer}`;
      row.append(make("td", "at", ""), source);
      cells(row, { ...child, reads: [] }, largest);
      body.append(row);
    }
  }
  foldUnrun(body, name);
  details.append(table);
  return details;
}

const FOLD = 6; // statements in a row that did not run, from which on they are folded
const unfolded = new Set();
/** Hide long stretches that did not run behind a row that says how many they are. */
function foldUnrun(body, name) {
  const rows = [...body.rows];
  let begin = 0;
  for (let end = 0; end <= rows.length; end++) {
    if (end < rows.length && (rows[end].classList.contains("quiet") || rows[end].classList.contains("text"))) continue;
    const stretch = rows.slice(begin, end);
    begin = end + 1;
    const number = stretch.filter((row) => row.classList.contains("stmt")).length;
    const which = `${name}:${end}`;
    if (number < FOLD || unfolded.has(which)) continue;
    for (const row of stretch) row.classList.add("unrun");
    const row = make("tr", "fold"), cell = make("td", "src");
    const button = make("button", "", `… ${number} statements not run`);
    button.addEventListener("click", () => { unfolded.add(which); draw(); });
    cell.colSpan = 6;
    cell.append(button);
    row.append(make("td", "at", ""), cell);
    stretch[0].before(row);
  }
}

function drawTape() {
  tape.append(make("h2", "", "The tape"));
  tape.append(make("p", "soft", reading.tape.length
    ? "Nodes as the forward pass made them; backward runs from the last one up. Point at one, or at a line."
    : reading.totals.nodes ? `${counted(reading.totals.nodes, "node")}: too many to draw.` : "No node was put on it."));
  reading.tape.forEach((node, number) => {
    const row = make("div", "node");
    row.dataset.number = number;
    row.tabIndex = -1;
    row.append(breakable(make("b"), node.name.replace(/Backward\d*$/, "").replace(/(?<=[a-z])(?=[A-Z])/g, "\u200b")), make("span", "", node.line === null ? "" : node.line));
    row.addEventListener("mouseenter", () => light({ node: number }));
    row.addEventListener("mouseleave", () => light(null));
    row.addEventListener("click", () => reveal(node));
    tape.append(row);
  });
}
const ofCall = (node, name) => {
  const chosen = state.calls[name];
  return chosen === undefined || chosen === "all" || String(node.call) === chosen;
};
function light(what) {
  for (const element of document.querySelectorAll(".lit, .feeds")) element.classList.remove("lit", "feeds");
  if (!what) return;
  const chips = tape.querySelectorAll(".node");
  if (what.node !== undefined) {
    const node = reading.tape[what.node];
    chips[what.node].classList.add("lit");
    for (const next of node.next) chips[next].classList.add("feeds");
    for (const row of listing.querySelectorAll("tr.stmt")) {
      if (row.dataset.file === node.file && Number(row.dataset.line) === node.line) row.classList.add("lit");
    }
  } else {
    let first = null;
    reading.tape.forEach((node, number) => {
      if (node.file === what.file && node.line === what.line && ofCall(node, what.name)) {
        chips[number].classList.add("lit");
        first = first || chips[number];
      }
    });
    if (first) tape.scrollTop = first.offsetTop - tape.clientHeight / 3;
  }
}
function reveal(node) {
  for (const row of listing.querySelectorAll("tr.stmt")) {
    if (row.dataset.file === node.file && Number(row.dataset.line) === node.line) {
      const details = row.closest("details");
      if (details) details.open = true;
      row.scrollIntoView({ block: "center" });
      place(row.dataset.key);
    }
  }
}
listing.addEventListener("mouseover", (event) => {
  const row = event.target.closest("tr.stmt");
  if (!row) return light(null);
  light({ file: row.dataset.file, line: Number(row.dataset.line), name: row.closest("details")?.dataset.name });
});
listing.addEventListener("mouseleave", () => light(null));

function place(which) {
  for (const row of listing.querySelectorAll("tr.cursor")) row.classList.remove("cursor");
  state.cursor = which;
  const row = which && [...listing.querySelectorAll("tr.stmt")].find((r) => r.dataset.key === which);
  if (row) row.classList.add("cursor");
  return row;
}
function move(step) {
  const rows = [...listing.querySelectorAll("tr.stmt")].filter((r) => r.offsetParent !== null && !r.classList.contains("quiet"));
  const now = rows.findIndex((r) => r.dataset.key === state.cursor);
  const row = rows[Math.max(0, Math.min(rows.length - 1, now < 0 ? 0 : now + step))];
  if (!row) return;
  place(row.dataset.key);
  row.scrollIntoView({ block: "nearest" });
  light({ file: row.dataset.file, line: Number(row.dataset.line), name: row.closest("details")?.dataset.name });
}
function here() {
  const row = [...listing.querySelectorAll("tr.stmt")].find((r) => r.dataset.key === state.cursor);
  return row?.closest("details") || listing.querySelector("details");
}
function switchCall(step) {
  const select = here()?.querySelector(".call select");
  if (!select) return;
  select.selectedIndex = Math.max(0, Math.min(select.options.length - 1, select.selectedIndex + step));
  select.dispatchEvent(new Event("change"));
}
const bars = { t: "seconds_share", o: "flops", m: "saved_bytes" };
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "search") { event.target.value = state.search = ""; event.target.blur(); draw(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const which = event.key;
  if (which === "/") { event.preventDefault(); document.getElementById("search").focus(); }
  else if (which === "j") move(1);
  else if (which === "k") move(-1);
  else if (which === "f") { const details = here(); if (details) fold(details, !details.open); }
  else if (which === "[") switchCall(-1);
  else if (which === "]") switchCall(1);
  else if (bars[which]) { state.bar = bars[which]; if (state.order) state.order = state.bar; draw(); }
  else if (which === "s") { state.order = state.order ? null : state.bar; draw(); }
  else if (which === "?") document.getElementById("help").showModal();
});
for (const button of document.querySelectorAll("[data-bar]")) button.addEventListener("click", () => { state.bar = button.dataset.bar; if (state.order) state.order = state.bar; draw(); });
for (const button of document.querySelectorAll("[data-order]")) button.addEventListener("click", () => { state.order = button.dataset.order === "bars" ? state.bar : null; draw(); });
document.getElementById("search").addEventListener("input", (event) => {
  const before = state.search;
  state.search = event.target.value;
  if (state.search) search();
  else if (before) draw(); // functions that were folded are so again
});
document.getElementById("fold").addEventListener("click", (event) => {
  const close = event.target.textContent === "fold all";
  for (const details of listing.querySelectorAll("details.function")) fold(details, !close);
  event.target.textContent = close ? "unfold all" : "fold all";
});
document.getElementById("keys").addEventListener("click", () => document.getElementById("help").showModal());
head(); drawTape(); draw();
