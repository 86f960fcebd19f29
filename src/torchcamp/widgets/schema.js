// A schematic picture to step through; its parts and their lines of code light each other.

import { asking } from "./shared/ask.js";
import { colourLines } from "./shared/code.js";
import { pressable } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, shape } from "./shared/dom.js";
import { painted } from "./shared/paint.js";
import { sentences } from "./shared/texts.js";

const NARROW_BELOW = 620; // pixels of the page
const SECONDS = 3.2; // between steps, while it plays
const NARROW_BEND = 0.4; // of an arrow's bend, on a phone; as in drawing.py
const LETTER = 3.6; // half the width of a label's letter
const GAP = 4; // between an arrow and its parts
const MARGIN = 12; // above and below the picture on a phone
let numDrawings = 0;

// Where a line from a part's centre leaves the part and the words above and below it.
function edge(part, place, [towardX, towardY]) {
  const [[x, y], [width, height]] = [part[place], part.size];
  const [dx, dy] = [towardX - x, towardY - y];
  const length = Math.hypot(dx, dy) || 1;
  const hasWords = dy < 0 ? part.label : part.detail && part.kind !== "box";
  const tall = height / 2 + (hasWords ? 20 : 0);
  const toSide =
    part.kind === "unit" && !hasWords
      ? width / 2
      : Math.min(
          dx ? (length * (width / 2)) / Math.abs(dx) : Infinity,
          dy ? (length * tall) / Math.abs(dy) : Infinity,
        );
  const share = (toSide + GAP) / length;
  return [x + dx * share, y + dy * share];
}

function write(group, text, [x, y], className) {
  shape("text", { x, y, class: className }, group, text);
  group.append(" "); // not seen: between two texts when they are read in one
}

// --- The kinds of parts, each drawn around its centre at 0, 0 ------------------------------------

function drawBox(group, part, [width, height]) {
  const isOpen = part.over && !part.text; // what it frames is seen through it
  const look = isOpen ? { rx: 2, class: "frame open" } : { rx: 9, class: "frame" };
  const frame = { x: -width / 2, y: -height / 2, width, height, ...look };
  shape("rect", frame, group);
  write(group, part.text, [0, part.detail ? -3 : 5], "inside");
  if (part.detail) write(group, part.detail, [0, 14], "small");
}

function drawUnit(group, part, [width]) {
  shape("circle", { r: width / 2, class: "frame" }, group);
  write(group, part.text, [0, 5], "inside");
}

function drawText(group, part) {
  write(group, part.text, [0, 5], "plain");
}

function drawMaps(group, part, [width, height]) {
  const bytes = Uint8Array.from(atob(part.pixels), (letter) => letter.charCodeAt(0));
  const [count, rows, columns] = part.shape;
  const offset = count > 1 ? Math.min(9, width / 6) : 0;
  const side = width - offset * (count - 1);
  const tall = height - offset * (count - 1);
  for (let i = count - 1; i >= 0; i--) {
    const values = bytes.subarray(i * rows * columns, (i + 1) * rows * columns);
    const href = painted(values, columns, rows, { signed: part.signed }).toDataURL();
    const box = {
      x: -width / 2 + offset * i,
      y: -height / 2 + offset * i,
      width: side,
      height: tall,
    };
    shape("image", { ...box, href, preserveAspectRatio: "none", class: "pixels" }, group);
    shape("rect", { ...box, class: "frame open" }, group);
  }
}

function drawCells(group, part, [width, height]) {
  const [rows, columns] = [part.values.length, part.values[0].length];
  const [w, h] = [width / columns, height / rows];
  const top = Math.max(1e-12, ...part.values.flat().map(Math.abs));
  part.values.forEach((row, r) => {
    row.forEach((value, c) => {
      const [x, y] = [-width / 2 + c * w, -height / 2 + r * h];
      const sign = value < 0 ? "below" : "above";
      const box = { x, y, width: w, height: h };
      shape("rect", { ...box, class: "blank" }, group);
      const opacity = (Math.abs(value) / top) * 0.85;
      shape("rect", { ...box, class: `cell ${sign}`, "fill-opacity": opacity }, group);
      if (part.digits !== undefined && value !== null) {
        write(group, digits(value, part.digits), [x + w / 2, y + h / 2 + 4], "small");
      }
    });
  });
}

function drawBars(group, part, [width, height]) {
  const line = height / part.values.length;
  const indent = part.names ? 7.5 * Math.max(...part.names.map((each) => each.length)) + 6 : 0;
  part.values.forEach((value, i) => {
    const y = -height / 2 + line * i;
    const lit = i === part.chosen ? "bar chosen" : "bar";
    if (part.names) write(group, part.names[i], [-width / 2, y + line * 0.78], "small start");
    const box = { x: -width / 2 + indent, y: y + 2, height: line - 4, rx: 2 };
    shape("rect", { ...box, width: width - indent, class: "groove" }, group);
    shape("rect", { ...box, width: Math.max(1, (width - indent) * value), class: lit }, group);
  });
}

function drawCurve(group, part, [width, height]) {
  const [left, right] = [part.points[0][0], part.points.at(-1)[0]];
  const ys = part.points.map(([, y]) => y);
  const [low, high] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const toX = (x) => -width / 2 + (width * (x - left)) / (right - left);
  const toY = (y) => height / 2 - (height * (y - low)) / (high - low || 1);
  const line = (from, to, name) =>
    shape("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: name }, group);
  line([-width / 2, toY(0)], [width / 2, toY(0)], "axis");
  if (left <= 0 && right >= 0) line([toX(0), -height / 2], [toX(0), height / 2], "axis");
  const path = part.points.map(([x, y], i) => `${i ? "L" : "M"}${toX(x)} ${toY(y)}`).join(" ");
  shape("path", { d: path, class: "curve-line" }, group);
  if (part.mark === undefined) return;
  const [atX, atY] = part.points[part.mark];
  if (part.slope !== undefined) {
    const [stepX, stepY] = [toX(1) - toX(0), (toY(1) - toY(0)) * part.slope];
    const scale = 34 / Math.hypot(stepX, stepY);
    const ends = [-1, 1].map((side) => [
      toX(atX) + side * scale * stepX,
      toY(atY) + side * scale * stepY,
    ]);
    line(...ends, "tangent");
  }
  shape("circle", { cx: toX(atX), cy: toY(atY), r: 5, class: "mark" }, group);
}

const KINDS = {
  box: drawBox,
  unit: drawUnit,
  text: drawText,
  maps: drawMaps,
  cells: drawCells,
  bars: drawBars,
  curve: drawCurve,
};

// --- The picture ---------------------------------------------------------------------------------

function drawPart(svg, part, place) {
  const group = shape("g", { class: `part ${part.kind} ${part.tone ?? ""}` }, svg);
  const [x, y] = part[place];
  group.style.transform = `translate(${x}px, ${y}px)`;
  const half = part.size[1] / 2;
  if (part.label) write(group, part.label, [0, -half - 8], "label");
  KINDS[part.kind](group, part, part.size);
  if (part.detail && part.kind !== "box") write(group, part.detail, [0, half + 15], "small");
  return group;
}

// From a part back into itself: a loop above it.
function loopAt({ size, ...part }, place) {
  const [x, y] = part[place];
  const top = y - size[1] / 2 - GAP;
  const path = `M${x - 10} ${top} C${x - 36} ${top - 42} ${x + 36} ${top - 42} ${x + 10} ${top}`;
  return { path, label: [x, top - 38] };
}

function drawArrow(svg, arrow, byName, place, marker) {
  const [from, to] = [byName[arrow.start], byName[arrow.end]];
  if (from === to) {
    const loop = loopAt(from, place);
    const group = shape("g", { class: `arrow ${arrow.tone ?? ""}` }, svg);
    shape("path", { d: loop.path, "marker-end": `url(#${marker})` }, group);
    if (arrow.label) write(group, arrow.label, loop.label, "label");
    return group;
  }
  const [start, end] = [from[place], to[place]];
  const wide = arrow.bend ?? 0;
  const bend = place === "at" ? wide : (arrow.narrowBend ?? NARROW_BEND * wide);
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(dx, dy) || 1;
  const middle = [
    (start[0] + end[0]) / 2 + (dy / length) * bend,
    (start[1] + end[1]) / 2 - (dx / length) * bend,
  ];
  const [ax, ay] = edge(from, place, middle);
  const [bx, by] = edge(to, place, middle);
  const group = shape("g", { class: `arrow ${arrow.tone ?? ""}` }, svg);
  group.classList.toggle("backward", Boolean(arrow.backward));
  const path = bend
    ? `M${ax} ${ay} Q${middle[0]} ${middle[1]} ${bx} ${by}`
    : `M${ax} ${ay} L${bx} ${by}`;
  const head = arrow.headless ? {} : { "marker-end": `url(#${marker})` };
  shape("path", { d: path, ...head }, group);
  group.classList.toggle("headless", Boolean(arrow.headless));
  if (arrow.label) {
    // Half-way between the ends and the handle, outside of the bow (of a straight arrow above, or
    // to the right), and so far from the line that no corner of the word touches it.
    const [x, y] = [(ax + bx) / 4 + middle[0] / 2, (ay + by) / 4 + middle[1] / 2];
    const up = dx > 0 || (dx === 0 && dy < 0) ? 1 : -1;
    const outward = Math.abs(bend) > 1 ? Math.sign(bend) : up;
    const [nx, ny] = [(outward * dy) / length, (-outward * dx) / length];
    const away = Math.abs(nx) * LETTER * arrow.label.length + Math.abs(ny) * 5 + 5;
    write(group, arrow.label, [x + nx * away, y + ny * away + 4], "label");
  }
  return group;
}

// Leave out the bands above and below what is drawn: a phone has no room for parts that come later.
function fit(svg, width) {
  const { y, height } = svg.getBBox();
  svg.setAttribute("viewBox", `0 ${y - MARGIN} ${width} ${height + 2 * MARGIN}`);
}

function render({ model, el }) {
  const root = figureRoot(el, "schema", "The idea in one picture");
  const say = sentences(model);
  const state = { ...model.get("state") };
  const canvas = element("div", "canvas");
  const controls = element("div", "controls");
  const counter = element("span", "counter");
  const title = element("b", "step-title");
  const words = liveText("p", "step-words");
  const code = element("div", "lines python");
  const inWords = element("details", "in-words");
  let drawing = null;
  let index = 0;
  let chosen = null; // the part or line that was pressed: { parts, lines, note }
  let timer = 0;

  const back = pressable("Back", () => go(index - 1));
  const next = pressable("Next", () => go(index + 1));
  next.className = "go";
  const play = pressable("Play", () => (timer ? rest() : start()));
  const another = pressable("Another example", () => {
    state.example += 1;
    talk.ask();
  });
  another.hidden = model.get("setup").examples < 2;
  controls.append(back, next, play, another, counter);
  root.append(canvas, controls, title, words, code, inWords);

  function rest() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    root.dataset.playing = "false";
  }

  function start() {
    if (index === drawing.steps.length - 1) go(0);
    play.textContent = "Pause";
    root.dataset.playing = "true";
    timer = setInterval(() => {
      go(index + 1);
      if (index === drawing.steps.length - 1) rest();
    }, SECONDS * 1000);
  }

  function go(to) {
    index = Math.max(0, Math.min(drawing.steps.length - 1, to));
    chosen = null;
    draw();
  }

  function press(parts, lines, note) {
    rest();
    chosen = { parts, lines, note };
    draw();
  }

  const isNarrow = () => root.clientWidth > 0 && root.clientWidth < NARROW_BELOW;

  // On a phone, where each step has a height of its own, the buttons stay in place above it.
  function placeControls() {
    root.insertBefore(controls, isNarrow() ? canvas : title);
  }

  function draw() {
    const step = drawing.steps[index];
    const which = isNarrow() ? 1 : 0;
    const place = which ? "narrow" : "at";
    const changed = drawing.parts.map((part) => ({ ...part, ...step.changes[part.name] }));
    const parts = changed
      .map((part) => (which && part.narrowSize ? { ...part, size: part.narrowSize } : part))
      .filter((part) => !part.hidden);
    const byName = Object.fromEntries(parts.map((part) => [part.name, part]));
    const lit = new Set(chosen ? chosen.parts : step.lit);
    const isHere = (arrow) =>
      byName[arrow.start] &&
      byName[arrow.end] &&
      (arrow.only ?? place) === place &&
      (!arrow.onlyLit || lit.has(arrow.name));
    const arrows = drawing.arrows.filter(isHere);
    const lines = new Set(
      chosen
        ? chosen.lines
        : [...parts, ...arrows].filter((p) => lit.has(p.name)).flatMap((p) => p.lines),
    );
    const svg = shape("svg", {
      viewBox: `0 0 ${drawing.width[which]} ${drawing.height[which]}`,
      role: "group",
      "aria-label": drawing.summary,
    });
    const marker = `schema-arrow-${numDrawings++}`;
    const definitions = shape("defs", {}, svg);
    const head = {
      id: marker,
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: "auto",
    };
    shape(
      "path",
      { d: "M0 0 L8 4 L0 8 z", fill: "context-stroke" },
      shape("marker", head, definitions),
    );
    for (const arrow of arrows) {
      const node = drawArrow(svg, arrow, byName, place, marker);
      node.classList.toggle("lit", lit.has(arrow.name));
    }
    let focused = null;
    for (const part of parts) {
      const node = drawPart(svg, part, place);
      node.classList.toggle("lit", lit.has(part.name));
      node.dataset.name = part.name;
      if (part.note || part.lines.length) {
        const open = () => press([part.name], part.lines, part.note);
        node.setAttribute("role", "button");
        node.setAttribute("tabindex", "0");
        // What is written on it, in the same order: speaking it presses the part.
        node.setAttribute("aria-label", node.textContent.trim());
        node.classList.add("pressable");
        node.addEventListener("click", open);
        node.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          focused = part.name;
          open();
        });
        if (chosen?.parts[0] === part.name) focused = node;
      }
    }
    const hadFocus = canvas.contains(root.getRootNode().activeElement);
    canvas.replaceChildren(svg);
    if (which) fit(svg, drawing.width[which]);
    if (hadFocus && focused) focused.focus();
    const linked = [...parts, ...arrows].filter((part) => part.lines.length);
    code.hidden = drawing.code.length === 0;
    [...code.children].forEach((node, number) => {
      node.classList.toggle("lit", lines.has(number));
      node.classList.toggle(
        "pressable",
        linked.some((part) => part.lines.includes(number)),
      );
    });
    back.disabled = index === 0;
    next.disabled = index === drawing.steps.length - 1;
    counter.textContent = say("step", { number: index + 1, count: drawing.steps.length });
    title.textContent = chosen ? "" : step.title;
    words.textContent = chosen ? (chosen.note ?? say("hint")) : step.words;
    root.dataset.step = String(index);
    root.dataset.lit = [...lit].join(" ");
    root.dataset.lines = [...lines].join(" ");
  }

  function showCode() {
    const coloured = colourLines(drawing.code);
    const nodes = drawing.code.map((line, number) => {
      const parts = [...drawing.parts, ...drawing.arrows].filter((part) =>
        part.lines.includes(number),
      );
      const node = parts.length
        ? pressable("", () =>
            press(
              parts.map((part) => part.name),
              [number],
              parts[0].note,
            ),
          )
        : element("span");
      node.append(line ? coloured[number] : " ");
      node.style.setProperty("--indent", line.search(/\S|$/));
      return node;
    });
    code.replaceChildren(...nodes);
    const list = element("ol");
    for (const step of drawing.steps) {
      const item = element("li");
      item.append(element("b", "", `${step.title}. `), step.words);
      list.append(item);
    }
    inWords.replaceChildren(
      element("summary", "", say("all")),
      element("p", "", drawing.summary),
      list,
    );
  }

  const talk = asking(
    model,
    root,
    () => state,
    (reply) => {
      drawing = reply;
      chosen = null;
      index = Math.min(index, drawing.steps.length - 1);
      showCode();
      draw();
    },
  );
  talk.open();
  let narrow = isNarrow();
  placeControls();
  const watcher = new ResizeObserver(() => {
    if (isNarrow() === narrow) return;
    narrow = isNarrow();
    placeControls();
    draw();
  });
  watcher.observe(root);
  return () => {
    rest();
    watcher.disconnect();
    talk.stop();
  };
}

export default { render };
