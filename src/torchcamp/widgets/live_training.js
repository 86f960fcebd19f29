// Start, Stop, a rate on a logarithmic slider, and two curves drawn as SVG.

import { element, figureRoot, liveText, shape, titled } from "./shared/dom.js";
import { niceTicks } from "./shared/plot.js";

const [WIDTH, HEIGHT] = [420, 190];
const [LEFT, RIGHT, TOP, BOTTOM] = [46, WIDTH - 12, 12, HEIGHT - 24];

// One panel: training values as a line, measures between epochs as dots.
function makePanel(title, isPercent) {
  const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title };
  const svg = shape("svg", view);
  const box = titled("panel", title, svg);
  const draw = (line, dots, numSteps) => {
    svg.replaceChildren();
    const ys = [...line, ...dots].map((point) => point[1]);
    const ticks = ys.length ? niceTicks(Math.min(...ys), Math.max(...ys), 3) : [0, 1];
    const [low, high] = [ticks[0], ticks[ticks.length - 1]];
    const toX = (step) => LEFT + ((RIGHT - LEFT) * step) / Math.max(numSteps, 1);
    const toY = (value) => BOTTOM - ((BOTTOM - TOP) * (value - low)) / (high - low || 1);
    for (const tick of ticks) {
      const y = toY(tick);
      shape("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y, y2: y }, svg);
      const place = { class: "tick", x: LEFT - 7, y: y + 4, "text-anchor": "end" };
      const text = isPercent ? `${+(100 * tick).toFixed(2)} %` : +tick.toFixed(4);
      shape("text", place, svg, text);
    }
    const place = { class: "tick", x: RIGHT, y: HEIGHT - 6, "text-anchor": "end" };
    shape("text", place, svg, numSteps ? `step ${numSteps}` : "step");
    const points = line.map(([step, value]) => `${toX(step)},${toY(value)}`).join(" ");
    if (points) shape("polyline", { class: "line", points }, svg);
    for (const [step, value] of dots) {
      shape("circle", { class: "dot", cx: toX(step), cy: toY(value), r: 4 }, svg);
    }
  };
  draw([], [], 0);
  return { box, draw };
}

function noRows() {
  return { loss: [], accuracy: [], testLoss: [], testAccuracy: [] };
}

function render({ model, el }) {
  const root = figureRoot(el, "live-training", "Train the network");
  const controls = element("div", "controls");
  const button = element("button", "go", "Start");
  const label = element("label", "rate");
  const rate = element("input");
  rate.type = "range";
  rate.step = "0.01";
  const shown = element("output");
  label.append(element("span", "", "learning rate"), rate, shown);
  const status = liveText("div");
  controls.append(button, label, status);
  const progress = element("div", "progress");
  progress.append(element("span"));
  const panels = element("div", "panels");
  const loss = makePanel("loss", false);
  const accuracy = makePanel("accuracy", true);
  panels.append(loss.box, accuracy.box);
  const keys = element("div", "keys");
  keys.append(
    element("span", "key line", "training batches"),
    element("span", "key dot", "test images, after each epoch"),
  );
  root.append(element("div", "what"), controls, progress, panels, keys);

  let rows = noRows();
  let numSteps = 0;
  let visible = true;
  let stale = false;
  let clicked = 0;

  const redraw = () => {
    if (!visible) {
      stale = true;
      return;
    }
    stale = false;
    loss.draw(rows.loss, rows.testLoss, numSteps);
    accuracy.draw(rows.accuracy, rows.testAccuracy, numSteps);
  };
  const setState = (isRunning, text) => {
    root.dataset.running = String(isRunning);
    button.textContent = isRunning ? "Stop" : "Start";
    button.classList.toggle("stop", isRunning);
    status.textContent = text;
    if (clicked && !isRunning) {
      root.dataset.stopMilliseconds = (performance.now() - clicked).toFixed(1);
      clicked = 0;
    }
  };
  const clear = () => {
    rows = noRows();
    numSteps = 0;
    root.dataset.rows = "0";
    progress.firstChild.style.width = "0";
    redraw();
  };
  const addRow = (message) => {
    const { step, values, warning } = message;
    numSteps = message.num_steps;
    const put = (list, value) => {
      if (value !== undefined) list.push([step, value]);
    };
    put(rows.loss, values.loss);
    put(rows.accuracy, values.accuracy);
    put(rows.testLoss, values.test_loss);
    put(rows.testAccuracy, values.test_accuracy);
    root.dataset.rows = String(rows.loss.length);
    progress.firstChild.style.width = `${(100 * step) / numSteps}%`;
    if (values.loss !== undefined && root.dataset.running === "true" && !clicked) {
      const left = Math.ceil((numSteps - step) / message.steps_per_second);
      status.textContent = `step ${step} of ${numSteps}. ${warning || `About ${left} s left`}`;
      root.dataset.dead = String(Boolean(warning));
    }
  };
  const onMessage = (message) => {
    if (message.kind === "state") {
      if (message.fresh) clear();
      setState(message.running, message.words);
    } else if (message.kind === "row") {
      addRow(message);
      redraw();
    } else if (message.kind === "rows") {
      clear(); // what came since the page was opened is among them
      message.rows.forEach(addRow);
      redraw();
    }
  };
  model.on("msg:custom", onMessage);

  button.addEventListener("click", () => {
    const isRunning = root.dataset.running === "true";
    clicked = isRunning ? performance.now() : 0;
    status.textContent = isRunning ? "stopping …" : "starting …";
    model.send({ kind: isRunning ? "stop" : "start" });
  });
  const showRate = () => {
    shown.textContent = (10 ** Number(rate.value)).toPrecision(2);
  };
  const readModel = () => {
    rate.min = Math.log10(model.get("lowest_rate"));
    rate.max = Math.log10(model.get("highest_rate"));
    rate.value = Math.log10(model.get("rate"));
    root.firstChild.textContent = model.get("what");
    showRate();
  };
  let sending = false;
  rate.addEventListener("input", () => {
    showRate();
    if (sending) return;
    sending = true; // one message per frame at most
    requestAnimationFrame(() => {
      sending = false;
      model.send({ kind: "rate", rate: 10 ** Number(rate.value) });
    });
  });
  const watcher = new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible && stale) redraw();
  });
  watcher.observe(root);
  model.on("change:what", readModel);
  readModel();
  setState(model.get("running"), model.get("words"));
  model.send({ kind: "rows" }); // of a run that began before this page was opened
  return () => {
    watcher.disconnect();
    model.off("msg:custom", onMessage);
    model.off("change:what", readModel);
  };
}

export default { render };
