// Start, Stop, a rate on a logarithmic slider, and two curves drawn as SVG.

const WIDTH = 420, HEIGHT = 190, LEFT = 46, RIGHT = 12, TOP = 12, BOTTOM = 24;

// One panel: training values as a line, measures between epochs as dots.
function makePanel(title, percent) {
  const box = element("div", "panel");
  box.append(element("div", "title", title));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  box.append(svg);
  const draw = (line, dots, numSteps) => {
    svg.replaceChildren();
    const ys = [...line, ...dots].map((point) => point[1]);
    const ticks = ys.length ? niceTicks(Math.min(...ys), Math.max(...ys), 3) : [0, 1];
    const low = ticks[0], high = ticks[ticks.length - 1];
    const x = (step) => LEFT + (WIDTH - LEFT - RIGHT) * step / Math.max(numSteps, 1);
    const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low || 1);
    for (const tick of ticks) {
      shape("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }, svg);
      const label = shape("text", { class: "tick", x: LEFT - 7, y: y(tick) + 4, "text-anchor": "end" }, svg);
      label.textContent = percent ? `${+(100 * tick).toFixed(2)} %` : +tick.toFixed(4);
    }
    const label = shape("text", { class: "tick", x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, svg);
    label.textContent = numSteps ? `step ${numSteps}` : "step";
    if (line.length) shape("polyline", { class: "line", points: line.map(([s, v]) => `${x(s)},${y(v)}`).join(" ") }, svg);
    for (const [step, value] of dots) shape("circle", { class: "dot", cx: x(step), cy: y(value), r: 4 }, svg);
  };
  draw([], [], 0);
  return { box, draw };
}

function render({ model, el }) {
  const root = element("div", "live-training");
  const controls = element("div", "controls");
  const button = element("button", "go", "Start");
  const label = element("label", "rate");
  const slider = element("input");
  slider.type = "range";
  slider.step = "0.01";
  const shown = element("output");
  label.append(element("span", "", "learning rate"), slider, shown);
  const words = element("div", "words");
  words.setAttribute("aria-live", "polite");
  controls.append(button, label, words);
  const progress = element("div", "progress");
  progress.append(element("span"));
  const panels = element("div", "panels");
  const loss = makePanel("loss", false), accuracy = makePanel("accuracy", true);
  panels.append(loss.box, accuracy.box);
  const keys = element("div", "keys");
  keys.append(element("span", "key line", "training batches"), element("span", "key dot", "test images, after each epoch"));
  root.append(element("div", "what"), controls, progress, panels, keys);
  el.append(root);

  let rows = { loss: [], accuracy: [], testLoss: [], testAccuracy: [] };
  let numSteps = 0, visible = true, stale = false, clicked = 0;

  const redraw = () => {
    if (!visible) {
      stale = true;
      return;
    }
    stale = false;
    loss.draw(rows.loss, rows.testLoss, numSteps);
    accuracy.draw(rows.accuracy, rows.testAccuracy, numSteps);
  };
  const setState = (running, text) => {
    root.dataset.running = String(running);
    button.textContent = running ? "Stop" : "Start";
    button.classList.toggle("stop", running);
    words.textContent = text;
    if (clicked && !running) {
      root.dataset.stopMilliseconds = (performance.now() - clicked).toFixed(1);
      clicked = 0;
    }
  };
  const onMessage = (message) => {
    if (message.kind === "state") {
      if (message.fresh) {
        rows = { loss: [], accuracy: [], testLoss: [], testAccuracy: [] };
        numSteps = 0;
        root.dataset.rows = "0";
        progress.firstChild.style.width = "0";
        redraw();
      }
      setState(message.running, message.words);
    } else if (message.kind === "row") {
      const { step, values } = message;
      numSteps = message.num_steps;
      const put = (list, value) => { if (value !== undefined) list.push([step, value]); };
      put(rows.loss, values.loss);
      put(rows.accuracy, values.accuracy);
      put(rows.testLoss, values.test_loss);
      put(rows.testAccuracy, values.test_accuracy);
      root.dataset.rows = String(rows.loss.length);
      progress.firstChild.style.width = `${100 * step / numSteps}%`;
      const left = (numSteps - step) / message.steps_per_second;
      if (values.loss !== undefined && root.dataset.running === "true" && !clicked) {
        words.textContent = `step ${step} of ${numSteps}, about ${Math.ceil(left)} s left`;
      }
      redraw();
    }
  };
  model.on("msg:custom", onMessage);

  button.addEventListener("click", () => {
    const running = root.dataset.running === "true";
    clicked = running ? performance.now() : 0;
    words.textContent = running ? "stopping …" : "starting …";
    model.send({ kind: running ? "stop" : "start" });
  });
  const showRate = () => { shown.textContent = (10 ** Number(slider.value)).toPrecision(2); };
  const readModel = () => {
    slider.min = Math.log10(model.get("lowest_rate"));
    slider.max = Math.log10(model.get("highest_rate"));
    slider.value = Math.log10(model.get("rate"));
    root.firstChild.textContent = model.get("what");
    showRate();
  };
  let sending = false;
  slider.addEventListener("input", () => {
    showRate();
    if (sending) return;
    sending = true; // one message per frame at most
    requestAnimationFrame(() => {
      sending = false;
      model.send({ kind: "rate", rate: 10 ** Number(slider.value) });
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
  return () => {
    watcher.disconnect();
    model.off("msg:custom", onMessage);
    model.off("change:what", readModel);
  };
}

export default { render };
