// Columns are throws, rows are dice; a circle's filling is a probability, a line's width what flows
// along it.

import { asking, keeping } from "./shared/ask.js";
import { choice, pressable, slider } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, scrollable, shape } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

const [WIDTH, LEFT, RIGHT] = [760, 88, 28];
const ROWS = [46, 138]; // where the two dice lie
const ASIDE = 5; // between two lines that would lie on each other
const MODES = [
  ["forward", "forward"],
  ["backward", "backward"],
  ["both", "both together"],
  ["path", "best path"],
];
// key, label, largest
const CASINO = [
  ["leave_fair", "fair → loaded", 0.5],
  ["leave_loaded", "loaded → fair", 0.5],
  ["six", "the loaded die's six", 0.95],
];

function render({ model, el }) {
  const root = figureRoot(el, "trellis", "A trellis: two dice over a row of throws");
  const names = model.get("setup").names;
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const lastThrow = state.throws.length - 1;
  let mode = "forward";
  let upTo = lastThrow;
  let last = null;
  let seed = 9; // the next ten exchange the dice

  const modes = choice("show", MODES, mode, (value) => {
    mode = value;
    draw();
  });
  const throws = { min: 0, max: lastThrow, step: 1, value: upTo, format: (v) => String(v + 1) };
  const step = slider("as far as throw", throws, (value) => {
    upTo = value;
    draw();
  });
  const anew = () => {
    state.do = "throw";
    seed += 1;
    keep("seed")(seed);
  };
  const controls = element("div", "controls");
  controls.append(
    modes.root,
    step.root,
    pressable("Throw anew", anew, "New throws of this casino; its secret is shown"),
  );
  const casino = element("div", "controls");
  for (const [key, label, max] of CASINO) {
    const range = { min: 0.01, max, step: 0.01, value: state[key] };
    casino.append(slider(label, range, keep(key)).root);
  }
  const holder = element("div", "holder");
  const dice = element("div", "dice");
  const explanation = liveText();
  // On a phone the row of throws keeps its size and is scrolled sideways.
  const row = element("div", "throws");
  row.append(holder, dice);
  scrollable(row, "The trellis and its throws");
  root.append(controls, casino, row, explanation);

  const toX = (t) => LEFT + ((WIDTH - LEFT - RIGHT) * t) / lastThrow;
  const isReached = (t) => (mode === "backward" ? t >= lastThrow - upTo : t <= upTo);
  const isOnPath = (t, die) => mode === "path" && last.path[t] === die;

  function drawFlow(svg, t, from, to, share) {
    const ends = { x1: toX(t), y1: ROWS[from], x2: toX(t + 1), y2: ROWS[to] };
    const isBest = isOnPath(t, from) && isOnPath(t + 1, to);
    const kind = mode === "path" ? "faint" : "";
    const width = mode === "path" ? 1 : 0.4 + 9 * share;
    const className = `flow ${isBest ? "best" : kind}`;
    shape("line", { class: className, ...ends, "stroke-width": isBest ? 5 : width }, svg);
  }

  // At each throw the likelier die by itself, joined by a line beside that of the best path.
  const likeliest = () => last.both.map((pair) => Number(pair[1] > pair[0]));

  function drawLikeliest(svg) {
    const states = likeliest();
    const points = states.map((die, t) => `${toX(t)},${ROWS[die] + ASIDE}`).join(" ");
    shape("polyline", { class: "single", points }, svg);
    states.forEach((die, t) => {
      shape("circle", { class: "single", cx: toX(t), cy: ROWS[die] + ASIDE, r: 5 }, svg);
    });
  }

  function drawDie(svg, t, die, probability) {
    const later = isReached(t) ? "" : "later";
    const className = `node ${later} ${isOnPath(t, die) ? "best" : ""}`;
    const place = `translate(${toX(t)} ${ROWS[die]})`;
    const group = shape("g", { class: className, transform: place }, svg);
    shape("circle", { class: "back", r: 19 }, group);
    if (isReached(t)) {
      const filling = mode === "path" ? Number(isOnPath(t, die)) : probability;
      shape("circle", { class: "fill", r: 19, opacity: filling }, group);
      const text = { class: filling > 0.6 ? "over" : "", y: 4, "text-anchor": "middle" };
      const shown = probability.toFixed(2).replace(/^0/, "");
      if (mode !== "path") shape("text", text, group, shown);
    }
    if (last.truth?.[t] === die) shape("circle", { class: "truth", r: 23 }, group);
  }

  function explain() {
    const t = Math.min(upTo, lastThrow);
    const told = {
      throw: mode === "backward" ? lastThrow - t + 1 : t + 1,
      face: last.throws[t] + 1,
      divisor: digits(last.scales[t], 3),
      loaded: digits(last.both[t][1], 2),
      differ: likeliest().filter((die, n) => die !== last.path[n]).length,
      joint: digits(last.logJoint, 2),
      total: digits(last.logP, 2),
      throws: last.throws.length,
    };
    const parts = [say(mode === "forward" && t === 0 ? "first" : mode, told), say("total", told)];
    if (last.truth) parts.push(say("truth"));
    return parts.join(" ");
  }

  function draw() {
    if (!last) return;
    const view = `0 0 ${WIDTH} 190`;
    const svg = shape("svg", { viewBox: view, role: "img", "aria-label": `trellis, ${mode}` });
    const source = mode === "path" ? "both" : mode;
    names.forEach((name, die) => {
      shape("text", { class: "name", x: 4, y: ROWS[die] + 4 }, svg, name);
    });
    last[`${source}Flow`].forEach((shares, t) => {
      if (!isReached(t) || !isReached(t + 1)) return;
      shares.forEach((share, n) => {
        drawFlow(svg, t, Math.floor(n / 2), n % 2, share);
      });
    });
    last[source].forEach((pair, t) => {
      pair.forEach((probability, die) => {
        drawDie(svg, t, die, probability);
      });
    });
    if (mode === "path") drawLikeliest(svg);
    holder.replaceChildren(svg);
    explanation.textContent = explain();
    root.dataset.mode = mode;
    root.dataset.path = last.path.join("");
    root.dataset.likeliest = likeliest().join("");
    root.dataset.logp = String(last.logP);
  }

  function dieButton(face, t) {
    const turn = () => {
      keep("throws")(state.throws.map((each, n) => (n === t ? (each + 1) % 6 : each)));
    };
    const button = pressable(String(face + 1), turn, `throw ${t + 1}: press for the next number`);
    button.className = `die ${face === 5 ? "six" : ""}`;
    button.style.left = `${(100 * toX(t)) / WIDTH}%`;
    return button;
  }

  function show(reply) {
    last = reply;
    if (reply.truth) state.throws = reply.throws; // else what was pressed meanwhile would be lost
    dice.replaceChildren(...reply.throws.map(dieButton));
    draw();
  }

  const toAsk = () => {
    const asked = { ...state };
    state.do = "look"; // thrown once
    return asked;
  };
  const talk = asking(model, root, toAsk, show);
  talk.open();
  return talk.stop;
}

export default { render };
