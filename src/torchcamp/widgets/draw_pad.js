// The pad, the layers of the network and the bars. All numbers come from the network itself.

import { slider } from "./shared/controls.js";
import { element, figureRoot, toBytes } from "./shared/dom.js";
import { NUM_PIXELS, paint, SIDE } from "./shared/paint.js";
import { pen } from "./shared/pen.js";
import { sentences } from "./shared/texts.js";

const PAD = 280; // canvas pixels per side

// MNIST's own preparation: the strokes fitted into 20x20, then put so that their centre of mass
// is the centre of the 28x28 picture. Without it a small or displaced digit is another problem.
function prepare(ink) {
  const source = ink.getContext("2d", { willReadFrequently: true });
  const { data } = source.getImageData(0, 0, PAD, PAD);
  let [left, right, top, bottom] = [PAD, -1, PAD, -1];
  for (let y = 0; y < PAD; y++) {
    for (let x = 0; x < PAD; x++) {
      if (data[4 * (y * PAD + x) + 3] > 20) {
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
    }
  }
  const pixels = new Uint8Array(NUM_PIXELS);
  if (right < 0) return pixels;
  const size = Math.max(right - left + 1, bottom - top + 1);
  const scale = 20 / size;
  const [width, height] = [(right - left + 1) * scale, (bottom - top + 1) * scale];
  const drawAt = (x, y) => {
    const small = new OffscreenCanvas(SIDE, SIDE);
    const context = small.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(ink, left, top, right - left + 1, bottom - top + 1, x, y, width, height);
    return context.getImageData(0, 0, SIDE, SIDE).data;
  };
  let [dx, dy] = [(SIDE - width) / 2, (SIDE - height) / 2];
  const first = drawAt(dx, dy);
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < NUM_PIXELS; i++) {
    const value = first[4 * i + 3];
    mass += value;
    sumX += value * ((i % SIDE) + 0.5);
    sumY += value * (Math.floor(i / SIDE) + 0.5);
  }
  dx += Math.round(SIDE / 2 - sumX / mass);
  dy += Math.round(SIDE / 2 - sumY / mass);
  const placed = drawAt(dx, dy);
  for (let i = 0; i < NUM_PIXELS; i++) pixels[i] = placed[4 * i + 3];
  return pixels;
}

// The picture `distance` pixels further right; what leaves it is lost, as in a photograph.
function moved(pixels, distance) {
  const after = new Uint8Array(NUM_PIXELS);
  for (let i = 0; i < NUM_PIXELS; i++) {
    const column = (i % SIDE) + distance;
    if (column >= 0 && column < SIDE) after[i + distance] = pixels[i];
  }
  return after;
}

// The column of a picture's centre of mass.
function centre(pixels) {
  const mass = pixels.reduce((sum, value) => sum + value, 0);
  return pixels.reduce((sum, value, i) => sum + value * (i % SIDE), 0) / mass;
}

function render({ model, el }) {
  const root = figureRoot(el, "draw-pad", "Draw a digit and see how the network reads it");
  root.tabIndex = 0;
  const say = sentences(model);
  const left = element("div", "side");
  const ink = element("canvas", "ink");
  ink.width = ink.height = PAD;
  const hint = element("div", "hint", "draw a digit here");
  const frame = element("div", "frame");
  frame.append(ink, hint);
  const buttons = element("div", "buttons");
  const clear = element("button", "", "Clear");
  const example = element("button", "", "Example");
  const gradient = element("button", "toggle", "Gradient");
  clear.title = "Empty the pad (key c)";
  example.title = "Put a test image on the pad (key e)";
  gradient.title = say("gradient");
  gradient.setAttribute("aria-pressed", "false");
  buttons.append(clear, example, gradient);
  const caption = element("div", "caption");
  const range = { min: -8, max: 8, step: 1, value: 0, format: (v) => `${v} px` };
  const shift = slider("move right", range, () => ask());
  left.append(frame, buttons, shift.root, caption);

  const flow = element("div", "flow");
  const right = element("div", "bars");
  const body = element("div", "body");
  body.append(left, flow, right);
  root.append(body);

  const bars = [];
  const showCaption = () => {
    caption.textContent = model.get("caption");
  };
  const makeBars = () => {
    right.replaceChildren(element("div", "title", "softmax"));
    bars.length = 0;
    model.get("class_names").forEach((name, label) => {
      const row = element("button", "bar");
      row.title = `Show the gradient of log p(${name})`;
      const fill = element("span", "fill");
      const value = element("span", "value");
      row.append(element("span", "name", name), fill, value);
      row.addEventListener("click", () => {
        chosen = chosen === label ? null : label;
        if (!backward) setBackward(true);
        ask();
      });
      right.append(row);
      bars.push({ row, fill, value });
    });
  };

  let backward = false; // whether the gradient is shown
  let chosen = null; // the class whose gradient is shown; null = the predicted one
  let predicted = -1;
  let pixels = new Uint8Array(NUM_PIXELS);
  let waiting = false;
  let dirty = false;
  let visible = true;
  let question = 0;
  let asked = 0;

  function setBackward(on) {
    backward = on;
    gradient.setAttribute("aria-pressed", String(on));
    if (!on) chosen = null;
  }

  // One question under way; what was drawn meanwhile is asked about when its answer is here.
  function ask() {
    if (waiting || !visible) {
      dirty = true;
      return;
    }
    waiting = true;
    dirty = false;
    question += 1;
    asked = performance.now();
    const message = { kind: "look", id: question, gradient_of: -1 };
    if (backward) message.gradient_of = chosen ?? predicted;
    const sent = moved(pixels, Number(shift.input.value));
    root.dataset.centre = centre(sent).toFixed(2);
    model.send(message, undefined, [sent.buffer]);
  }

  function showBars(probs, gradientOf) {
    predicted = probs.indexOf(Math.max(...probs));
    const empty = pixels.every((value) => value === 0);
    bars.forEach(({ row, fill, value }, label) => {
      const p = empty ? 0 : probs[label];
      fill.style.setProperty("--p", p);
      value.textContent = empty ? "" : `${(100 * p).toFixed(p > 0.9995 || p < 0.0995 ? 0 : 1)} %`;
      row.classList.toggle("first", !empty && label === predicted);
      row.classList.toggle("chosen", backward && label === gradientOf);
    });
    root.dataset.predicted = empty ? "" : String(predicted);
  }

  function layerBlock(key, layer) {
    const maps = element("div", "maps");
    for (let c = 0; c < layer.channels; c++) maps.append(element("canvas", "map"));
    maps.style.setProperty("--columns", layer.channels > 32 ? 32 : 16);
    const block = element("div", "layer");
    block.dataset.key = key;
    block.append(element("div", "title"), maps);
    block.classList.toggle("single", layer.channels === 1);
    return block;
  }

  function showLayer(layer, number, buffer, isGradient) {
    const key = `${layer.name}/${layer.channels}/${layer.height}`;
    let block = flow.children[number];
    if (block?.dataset.key !== key) {
      const fresh = layerBlock(key, layer);
      if (block) block.replaceWith(fresh);
      else flow.append(fresh);
      block = fresh;
    }
    const [title, maps] = block.children;
    title.textContent = `${backward && isGradient ? "gradient at " : ""}${layer.name} `;
    title.append(element("span", "", `${layer.channels} × ${layer.height} × ${layer.width}`));
    const bytes = toBytes(buffer);
    const size = layer.height * layer.width;
    [...maps.children].forEach((canvas, channel) => {
      const map = bytes.subarray(channel * size, (channel + 1) * size);
      paint(canvas, map, layer.width, layer.height, isGradient);
    });
  }

  function show({ probs, layers, gradient_of: gradientOf }, buffers) {
    showBars(probs, gradientOf);
    layers.forEach((layer, number) => {
      showLayer(layer, number, buffers[number], gradientOf >= 0);
    });
    while (flow.children.length > layers.length) flow.lastChild.remove();
  }

  const onMessage = (message, buffers) => {
    if (message.kind === "ask") {
      ask();
      return;
    }
    if (message.kind !== "seen") return;
    waiting = false;
    root.dataset.milliseconds = (performance.now() - asked).toFixed(1);
    root.dataset.answers = String(message.id);
    show(message, buffers ?? []);
    if (dirty) ask();
  };
  model.on("msg:custom", onMessage);

  const context = ink.getContext("2d", { willReadFrequently: true });
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#fff6e6";
  context.lineWidth = 24;
  let last = null;
  const changed = () => {
    pixels = prepare(ink);
    hint.hidden = pixels.some((value) => value > 0);
    ask();
  };
  pen(ink, "The pad", (x, y, begins) => {
    const point = [x * PAD, y * PAD];
    context.beginPath();
    context.moveTo(...(begins ? point : last));
    context.lineTo(point[0], point[1] + 0.01);
    context.stroke();
    last = point;
    changed();
  });

  clear.addEventListener("click", () => {
    context.clearRect(0, 0, PAD, PAD);
    changed();
  });
  let turn = 0;
  example.addEventListener("click", () => {
    const examples = model.get("examples");
    if (!examples.length) return;
    const view = examples[turn++ % examples.length];
    const bytes = toBytes(view);
    const small = new OffscreenCanvas(SIDE, SIDE);
    const picture = new ImageData(SIDE, SIDE);
    bytes.forEach((value, i) => {
      picture.data.set([255, 246, 230, value], 4 * i);
    });
    small.getContext("2d").putImageData(picture, 0, 0);
    context.clearRect(0, 0, PAD, PAD);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, PAD, PAD);
    pixels = Uint8Array.from(bytes); // as it is: it was prepared when MNIST was made
    hint.hidden = true;
    ask();
  });
  gradient.addEventListener("click", () => {
    setBackward(!backward);
    ask();
  });
  root.addEventListener("keydown", (event) => {
    const keys = { c: clear, e: example, g: gradient };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey) keys[event.key].click();
  });

  const watcher = new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible && dirty) ask();
  });
  watcher.observe(root);
  const onNames = () => makeBars();
  model.on("change:class_names", onNames);
  model.on("change:caption", showCaption);
  showCaption();
  makeBars();
  if (model.get("examples").length) example.click();
  else ask();
  return () => {
    watcher.disconnect();
    model.off("msg:custom", onMessage);
    model.off("change:class_names", onNames);
    model.off("change:caption", showCaption);
  };
}

export default { render };
