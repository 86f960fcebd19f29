// Code on the left, its graph on the right: leaves first, the result last, gradients on the way
// back.

import { asking } from "./shared/ask.js";
import { pressable, slider } from "./shared/controls.js";
import { element, figureRoot, liveText, shape } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

const [NODE_WIDTH, NODE_HEIGHT] = [104, 60];
const [GAP_X, GAP_Y] = [58, 22];
const SECONDS_A_STEP = 0.6;

const isLeaf = (node) => node.title === "leaf";
const nameOf = (node) => node.names.join(", ") || node.title;
const withMinus = (text) => text.replaceAll("-", "−");

// Columns by layer; within a column in the order in which the nodes came about. A leaf stands just
// before the first that uses it. Gives the size of the whole.
function place({ nodes, edges }) {
  for (const node of nodes.filter(isLeaf)) {
    const uses = edges.filter((edge) => edge.to === node.id);
    node.layer = Math.max(0, Math.min(...uses.map((edge) => nodes[edge.from].layer)) - 1);
  }
  const columns = [];
  for (const node of nodes) {
    columns[node.layer] ??= [];
    columns[node.layer].push(node);
  }
  const tallest = Math.max(...columns.map((column) => column.length));
  columns.forEach((column, layer) => {
    column.forEach((node, i) => {
      node.x = 10 + layer * (NODE_WIDTH + GAP_X);
      node.y = 16 + (i + (tallest - column.length) / 2) * (NODE_HEIGHT + GAP_Y);
    });
  });
  const width = 20 + columns.length * (NODE_WIDTH + GAP_X) - GAP_X;
  const height = 26 + tallest * (NODE_HEIGHT + GAP_Y);
  return { width, height };
}

function drawArrowhead(svg) {
  const attributes = {
    id: "arrow",
    viewBox: "0 0 8 8",
    refX: 7,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    orient: "auto-start-reverse",
  };
  const marker = shape("marker", attributes, shape("defs", {}, svg));
  shape("path", { d: "M0 0 8 4 0 8z", class: "arrowhead" }, marker);
}

// From what is used to what uses it; edges between the same two nodes lie beside each other. flows:
// the gradient has come this way; isNow: it does so in this step.
function drawEdge(svg, edge, { nodes, edges }, flows, isNow) {
  const [from, to] = [nodes[edge.from], nodes[edge.to]];
  const twins = edges.filter((other) => other.from === edge.from && other.to === edge.to);
  const shift = (twins.indexOf(edge) - (twins.length - 1) / 2) * 22;
  const [x1, y1] = [to.x + NODE_WIDTH, to.y + NODE_HEIGHT / 2 + shift / 2];
  const [x2, y2] = [from.x, from.y + NODE_HEIGHT / 2 + shift / 2];
  const bends = `${x1 + 26} ${y1 + shift} ${x2 - 26} ${y2 + shift}`;
  const attributes = {
    class: `edge ${flows ? "flows" : ""} ${isNow ? "now" : ""}`,
    d: `M${x1} ${y1}C${bends} ${x2} ${y2}`,
    [flows ? "marker-start" : "marker-end"]: "url(#arrow)",
  };
  shape("path", attributes, svg);
  if (!flows || !edge.grad) return;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2 + shift * 0.75 - 5];
  const text = edge.grad.replace("-", "−");
  shape("text", { class: "flow", x, y, "text-anchor": "middle" }, svg, text);
}

function drawNode(svg, node, isDone, isNow) {
  const classes = [isLeaf(node) && "leaf", isDone && "done", isNow && "now"].filter(Boolean);
  const attributes = {
    class: ["node", ...classes].join(" "),
    transform: `translate(${node.x} ${node.y})`,
  };
  const group = shape("g", attributes, svg);
  const write = (className, x, y, text, anchor = "start") =>
    shape("text", { class: className, x, y, "text-anchor": anchor }, group, text);
  shape("rect", { width: NODE_WIDTH, height: NODE_HEIGHT, rx: 9 }, group);
  write("name", 9, 18, nameOf(node));
  if (node.names.length && !isLeaf(node)) write("kind", NODE_WIDTH - 8, 17, node.title, "end");
  write("value", 9, 35, withMinus(node.value));
  if (isDone) write("grad", 9, 52, `grad ${withMinus(node.grad)}`);
}

function render({ model, el }) {
  const root = figureRoot(el, "tape");
  const { examples } = model.get("setup");
  const say = sentences(model);
  const controls = element("div", "controls");
  for (const [title, text] of examples) {
    const take = () => {
      code.value = text;
      run();
    };
    controls.append(pressable(title, take));
  }
  const body = element("div", "body");
  const code = element("textarea", "code");
  code.value = model.get("state").code;
  code.spellcheck = false;
  code.rows = 6;
  code.setAttribute("aria-label", "Lines to put on the tape; Ctrl and Enter runs them");
  const graph = element("div", "graph");
  const svg = shape("svg", { role: "img", "aria-label": "The tape" }, graph);
  body.append(code, graph);
  const steps = element("div", "controls steps");
  const again = pressable("Run", () => run(), "Ctrl + Enter in the code");
  again.className = "go";
  const back = pressable("◀ Step", () => go(at - 1), "One step back (left arrow)");
  const next = pressable("Step ▶", () => go(at + 1), "One step on (right arrow)");
  const all = pressable("To the end", () => go(numSteps()));
  const playTitle = "Forward, then back, a step at a time";
  const play = pressable("Play", () => setPlaying(!playing), playTitle);
  const position = slider("step", { min: 0, max: 1, step: 1, value: 0 }, (value) => go(value));
  steps.append(again, play, back, next, all, position.root);
  const explanation = liveText();
  root.append(controls, body, steps, explanation);

  let tape = null;
  let at = 0;
  let playing = false;
  const numSteps = () => (tape ? tape.nodes.length * 2 : 0);

  function run() {
    setPlaying(false);
    talk.ask();
  }

  // Off-screen it rests.
  const timer = setInterval(() => {
    if (!playing || !talk.isVisible()) return;
    go(at + 1);
    if (at === numSteps()) setPlaying(false);
  }, 1000 * SECONDS_A_STEP);

  function setPlaying(on) {
    playing = on;
    play.textContent = on ? "Pause" : "Play";
    if (on && at === numSteps()) go(0);
  }

  code.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      run();
      event.preventDefault();
    }
    event.stopPropagation();
  });
  graph.tabIndex = 0;
  graph.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") go(at + 1);
    else if (event.key === "ArrowLeft") go(at - 1);
    else return;
    event.preventDefault();
  });

  function go(step) {
    if (!tape) return;
    at = Math.max(0, Math.min(numSteps(), step));
    position.set(at);
    back.disabled = at === 0;
    next.disabled = all.disabled = at === numSteps();
    const forward = Math.min(at, tape.nodes.length);
    const backward = Math.max(0, at - tape.nodes.length);
    const isShown = (node) => node.id < forward;
    const isDone = (node) => node.turn < backward; // its gradient is complete and was passed on
    const isLast = (node) => node.turn === backward - 1;
    svg.replaceChildren();
    drawArrowhead(svg);
    for (const edge of tape.edges) {
      const from = tape.nodes[edge.from];
      if (!isShown(from) || !isShown(tape.nodes[edge.to])) continue;
      drawEdge(svg, edge, tape, isDone(from), isDone(from) && isLast(from));
    }
    for (const node of tape.nodes.filter(isShown)) {
      drawNode(svg, node, isDone(node), backward ? isLast(node) : node.id === forward - 1);
    }
    root.dataset.step = String(at);
    root.dataset.shown = String(forward);
    const grads = tape.nodes.filter(isDone).map((node) => [nameOf(node), node.grad]);
    root.dataset.grads = JSON.stringify(Object.fromEntries(grads));
    explanation.replaceChildren(...(backward ? tellBackward(backward) : tellForward(forward)));
  }

  const about = (node, text) => [element("b", "", nameOf(node)), ` ${text}`];

  function tellForward(forward) {
    if (at === 0) return [say("begin")];
    const node = tape.nodes[forward - 1];
    const used = tape.edges.filter((edge) => edge.from === node.id);
    const parents = used.map((edge) => nameOf(tape.nodes[edge.to])).join(" and ");
    const line = node.line ? `, line ${node.line}` : "";
    const made = { value: node.value, operation: node.title, parents, line };
    return about(node, say(isLeaf(node) ? "leaf" : "made", made));
  }

  function tellBackward(backward) {
    const node = tape.nodes.find((each) => each.turn === backward - 1);
    if (!node) return [""];
    const parts = tape.edges.filter((edge) => edge.to === node.id).map((edge) => edge.grad);
    if (!parts.length) return about(node, say("result"));
    const added = { sum: parts.join(" + "), grad: node.grad, number: parts.length };
    const received = parts.length > 1 ? say("received", added) : node.grad;
    const told = say(isLeaf(node) ? "kept" : "passed", { received: withMinus(received) });
    return about(node, told);
  }

  function show(reply) {
    if (reply.error) {
      explanation.replaceChildren(element("span", "lost", reply.error));
      root.dataset.error = reply.error;
      return;
    }
    delete root.dataset.error;
    tape = reply;
    const { width, height } = place(tape);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.style.maxWidth = `${width * 1.15}px`;
    svg.style.minWidth = `${Math.min(width, 560)}px`;
    position.input.max = numSteps();
    go(numSteps());
    if (reply.untaped.length && at) {
      explanation.append(` ${say("untaped", { names: reply.untaped.join(", ") })}`);
    }
  }

  const talk = asking(model, root, () => ({ code: code.value }), show);
  talk.open();
  return () => {
    clearInterval(timer);
    talk.stop();
  };
}

export default { render };
