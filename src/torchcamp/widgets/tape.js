// Code on the left, its graph on the right: leaves first, the result last, gradients on the way back.

const NODE_WIDTH = 104, NODE_HEIGHT = 60, GAP_X = 58, GAP_Y = 22;

function render({ model, el }) {
  const root = element("div", "figure tape");
  const { examples } = model.get("setup");
  const controls = element("div", "controls");
  examples.forEach(([title, text]) => controls.append(pressable(title, () => {
    code.value = text;
    run();
  })));
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
  const again = pressable("Run", () => run());
  again.className = "go";
  again.title = "Ctrl + Enter in the code";
  const back = pressable("◀ Step", () => go(at - 1), "One step back (left arrow)");
  const next = pressable("Step ▶", () => go(at + 1), "One step on (right arrow)");
  const all = pressable("To the end", () => go(total()));
  const play = pressable("Play", () => setPlaying(!playing), "Forward, then back, a step at a time");
  const position = slider("step", { min: 0, max: 1, step: 1, value: 0, format: (v) => String(v) }, (value) => go(value));
  steps.append(again, play, back, next, all, position.root);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, steps, words);
  el.append(root);

  let tape = null, at = 0, playing = false;
  const total = () => (tape ? tape.nodes.length * 2 : 0);
  const label = (node) => node.names.join(", ") || node.title;

  function run() {
    setPlaying(false);
    talk.ask();
  }

  // A step every 0.6 s; off-screen it rests.
  const timer = setInterval(() => {
    if (!playing || !talk.isVisible()) return;
    go(at + 1);
    if (at === total()) setPlaying(false);
  }, 600);

  function setPlaying(on) {
    playing = on;
    play.textContent = on ? "Pause" : "Play";
    if (on && at === total()) go(0);
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

  // Columns by layer; within a column in the order in which the nodes came about.
  // A leaf stands just before the first that uses it.
  function place() {
    for (const node of tape.nodes.filter((each) => each.title === "leaf")) {
      const users = tape.edges.filter((edge) => edge.to === node.id).map((edge) => tape.nodes[edge.from].layer);
      node.layer = Math.max(0, Math.min(...users) - 1);
    }
    const columns = [];
    for (const node of tape.nodes) (columns[node.layer] ??= []).push(node);
    const tallest = Math.max(...columns.map((column) => column.length));
    columns.forEach((column, layer) => column.forEach((node, i) => {
      node.x = 10 + layer * (NODE_WIDTH + GAP_X);
      node.y = 16 + (i + (tallest - column.length) / 2) * (NODE_HEIGHT + GAP_Y);
    }));
    const width = 20 + columns.length * (NODE_WIDTH + GAP_X) - GAP_X;
    const height = 26 + tallest * (NODE_HEIGHT + GAP_Y);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.style.maxWidth = `${width * 1.15}px`;
    svg.style.minWidth = `${Math.min(width, 560)}px`;
  }

  function go(step) {
    if (!tape) return;
    at = Math.max(0, Math.min(total(), step));
    position.set(at);
    back.disabled = at === 0;
    next.disabled = all.disabled = at === total();
    const forward = Math.min(at, tape.nodes.length);
    const backward = Math.max(0, at - tape.nodes.length);
    const shown = (node) => node.id < forward;
    const done = (node) => node.turn < backward; // its gradient is complete and was passed on
    svg.replaceChildren();
    const marker = shape("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, shape("defs", {}, svg));
    shape("path", { d: "M0 0 8 4 0 8z", class: "arrowhead" }, marker);
    tape.edges.forEach((edge, i) => {
      const from = tape.nodes[edge.from], to = tape.nodes[edge.to];
      if (!shown(from) || !shown(to)) return;
      const twins = tape.edges.filter((other) => other.from === edge.from && other.to === edge.to);
      const shift = (twins.indexOf(edge) - (twins.length - 1) / 2) * 22;
      const [x1, y1] = [to.x + NODE_WIDTH, to.y + NODE_HEIGHT / 2 + shift / 2];
      const [x2, y2] = [from.x, from.y + NODE_HEIGHT / 2 + shift / 2];
      const flows = done(from);
      const path = `M${x1} ${y1}C${x1 + 26} ${y1 + shift} ${x2 - 26} ${y2 + shift} ${x2} ${y2}`;
      shape("path", { class: `edge ${flows ? "flows" : ""} ${flows && from.turn === backward - 1 ? "now" : ""}`, d: path,
        [flows ? "marker-start" : "marker-end"]: "url(#arrow)" }, svg);
      if (flows && edge.grad) {
        shape("text", { class: "flow", x: (x1 + x2) / 2, y: (y1 + y2) / 2 + shift * 0.75 - 5, "text-anchor": "middle" }, svg, edge.grad.replace("-", "−"));
      }
    });
    for (const node of tape.nodes.filter(shown)) {
      const isNow = (backward ? node.turn === backward - 1 : node.id === forward - 1);
      const group = shape("g", { class: `node ${node.title === "leaf" ? "leaf" : ""} ${done(node) ? "done" : ""} ${isNow ? "now" : ""}`, transform: `translate(${node.x} ${node.y})` }, svg);
      shape("rect", { width: NODE_WIDTH, height: NODE_HEIGHT, rx: 9 }, group);
      shape("text", { class: "name", x: 9, y: 18 }, group, label(node));
      if (node.names.length && node.title !== "leaf") shape("text", { class: "kind", x: NODE_WIDTH - 8, y: 17, "text-anchor": "end" }, group, node.title);
      shape("text", { class: "value", x: 9, y: 35 }, group, node.value.replaceAll("-", "−"));
      if (done(node)) shape("text", { class: "grad", x: 9, y: 52 }, group, `grad ${node.grad.replaceAll("-", "−")}`);
    }
    root.dataset.step = String(at);
    root.dataset.shown = String(forward);
    root.dataset.grads = JSON.stringify(Object.fromEntries(tape.nodes.filter(done).map((node) => [label(node), node.grad])));
    words.replaceChildren(...tell(forward, backward));
  }

  function tell(forward, backward) {
    if (at === 0) return ["Step on: the nodes appear in the order in which your lines make them."];
    if (!backward) {
      const node = tape.nodes[forward - 1];
      const parents = tape.edges.filter((edge) => edge.from === node.id).map((edge) => label(tape.nodes[edge.to]));
      return node.title === "leaf"
        ? [element("b", "", label(node)), " is a leaf: it was made with requires_grad=True, and its gradient will be kept."]
        : [element("b", "", label(node)), ` = ${node.value}, made by ${node.title} from ${parents.join(" and ")}${node.line ? `, line ${node.line}` : ""}.`];
    }
    const node = tape.nodes.find((each) => each.turn === backward - 1);
    if (!node) return [""];
    const incoming = tape.edges.filter((edge) => edge.to === node.id);
    const parts = incoming.map((edge) => edge.grad);
    if (!incoming.length) return ["Backward begins: the derivative of ", element("b", "", label(node)), " by itself is 1."];
    const sum = parts.length > 1 ? `${parts.join(" + ")} = ${node.grad}: used ${parts.length} times, it receives ${parts.length} contributions` : node.grad;
    return [element("b", "", label(node)), ` receives ${sum.replaceAll("-", "−")}${node.title === "leaf" ? ", kept in .grad." : ", and passes it on, times its slopes."}`];
  }

  function show(reply) {
    if (reply.error) {
      words.replaceChildren(element("span", "lost", reply.error));
      root.dataset.error = reply.error;
      return;
    }
    delete root.dataset.error;
    tape = reply;
    place();
    position.input.max = total();
    go(total());
    if (reply.untaped.length && at) {
      words.append(` Not on the tape, since no gradient is wanted: ${reply.untaped.join(", ")}.`);
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
