// What the figures share. Each figure's own script follows in the same module.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function shape(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

// Numbers as Python prints them in a lesson: nan and inf by name, no digits that say nothing.
function digits(value, count = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "nan";
  if (typeof value === "string") return value; // "inf", "-inf", "nan": JSON has no words for them
  if (value !== 0 && (Math.abs(value) < 10 ** -count || Math.abs(value) >= 1e6)) {
    return value.toExponential(2).replace("e+", "e").replace("-", "−");
  }
  return (+value.toFixed(count)).toString().replace("-", "−");
}

function pressable(text, onClick, title) {
  const node = element("button", "", text);
  node.type = "button";
  if (title) node.title = title;
  node.addEventListener("click", onClick);
  return node;
}

let numGroups = 0;

// One of several, as radio buttons that look like one bar: arrow keys work by themselves.
function choice(label, options, chosen, onChange) {
  const root = element("fieldset", "choice");
  if (label) root.append(element("legend", "", label));
  const name = `figure-choice-${numGroups++}-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map(([value, text]) => {
    const line = element("label");
    const input = element("input");
    input.type = "radio";
    input.name = name;
    input.checked = value === chosen;
    input.addEventListener("change", () => onChange(value));
    line.append(input, element("span", "", text));
    root.append(line);
    return [value, input];
  });
  const set = (value) => inputs.forEach(([each, input]) => { input.checked = each === value; });
  return { root, set };
}

function slider(label, { min, max, step, value, format = (v) => digits(v, 2) }, onInput) {
  const root = element("label", "slider");
  const input = element("input");
  input.type = "range";
  Object.assign(input, { min, max, step });
  input.value = value;
  const shown = element("output", "", format(Number(value)));
  input.addEventListener("input", () => {
    shown.textContent = format(Number(input.value));
    onInput(Number(input.value));
  });
  root.append(element("span", "", label), input, shown);
  const set = (next) => {
    input.value = next;
    shown.textContent = format(Number(next));
  };
  return { root, input, set };
}

function toggle(label, checked, onChange) {
  const root = element("label", "toggle");
  const input = element("input");
  input.type = "checkbox";
  input.checked = checked;
  input.addEventListener("change", () => onChange(input.checked));
  root.append(input, element("span", "", label));
  return { root, input };
}

// One question under way; what changed meanwhile is asked about when its answer is here. Nothing is
// asked while the figure is off-screen.
function asking(model, root, state, show) {
  let waiting = false, dirty = false, visible = true, id = 0, asked = 0, patience = 0;
  const ask = () => {
    if (waiting || !visible) {
      dirty = true;
      return;
    }
    waiting = true;
    dirty = false;
    asked = performance.now();
    patience = setTimeout(() => root.classList.add("waiting"), 300);
    model.send({ kind: "ask", id: ++id, state: state() });
  };
  const failure = element("p", "failure");
  failure.hidden = true;
  root.append(failure);
  const bytes = (each) => new Uint8Array(each.buffer ?? each, each.byteOffset ?? 0, each.byteLength);
  // The first answer came with the figure.
  const open = () => {
    show(model.get("opening"), model.get("arrays").map(bytes));
    root.dataset.answers = "0";
  };
  const onMessage = (message, buffers) => {
    if (message.kind !== "answer") return;
    waiting = false;
    clearTimeout(patience);
    root.classList.remove("waiting");
    root.dataset.milliseconds = (performance.now() - asked).toFixed(1);
    failure.hidden = !message.reply.failed;
    failure.textContent = message.reply.failed ?? "";
    if (!message.reply.failed) {
      show(message.reply, (buffers ?? []).map(bytes));
    }
    root.dataset.answers = String(message.id);
    if (dirty) ask();
  };
  model.on("msg:custom", onMessage);
  const watcher = new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible && dirty) ask();
  });
  watcher.observe(root);
  const stop = () => {
    watcher.disconnect();
    model.off("msg:custom", onMessage);
  };
  return { ask, open, stop, isVisible: () => visible, isWaiting: () => waiting };
}

// Round numbers from at or below `low` to at or above `high`, about `count` steps, none smaller than `least`.
function niceTicks(low, high, count, least = 0) {
  const raw = (high - low) / count || 1;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(least, [1, 2, 5, 10].map((m) => m * magnitude).find((s) => s >= raw * 0.999));
  const ticks = [];
  for (let n = Math.floor(low / step + 1e-9); n <= Math.ceil(high / step - 1e-9); n++) ticks.push(+(n * step).toPrecision(12));
  return ticks;
}

// A plot of lines over one axis, which may count steps, with a point that can be dragged along it.
function makePlot({ width = 420, height = 210, title, onDrag, steps = false }) {
  const box = element("div", "plot");
  const heading = element("div", "title", title);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  box.append(heading, svg);
  const left = 52, right = 10, top = 10, bottom = 22;
  let range = [0, 1];
  if (onDrag) {
    const move = (event) => {
      const area = svg.getBoundingClientRect();
      const share = ((event.clientX - area.left) * width / area.width - left) / (width - left - right);
      onDrag(range[0] + Math.min(1, Math.max(0, share)) * (range[1] - range[0]));
    };
    svg.classList.add("draggable");
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      move(event);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
  }
  // lines: [{ class, xs, ys }] with null where there is no number; point: [x, y]; bands: [{ from, to }].
  const draw = ({ lines, point, bands = [], limits, xs }) => {
    range = [xs[0], xs[xs.length - 1]];
    const finite = lines.flatMap((line) => line.ys).filter((y) => Number.isFinite(y));
    let [low, high] = limits ?? [Math.min(...finite), Math.max(...finite)];
    if (!(high > low)) [low, high] = [low - 1, low + 1];
    const x = (value) => left + (width - left - right) * (value - range[0]) / (range[1] - range[0]);
    const y = (value) => height - bottom - (height - top - bottom) * (value - low) / (high - low);
    svg.replaceChildren();
    for (const band of bands) {
      const from = Math.max(range[0], band.from), to = Math.min(range[1], band.to);
      if (to > from) shape("rect", { class: "band", x: x(from), width: x(to) - x(from), y: top, height: height - top - bottom }, svg);
    }
    const within = (from, to, least) => niceTicks(from, to, 5, least).filter((value) => from <= value && value <= to);
    for (const value of within(low, high)) {
      shape("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }, svg);
      shape("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, svg, digits(value));
    }
    for (const value of within(...range, steps ? 1 : 0)) {
      shape("text", { class: "tick", x: x(value), y: height - 5, "text-anchor": x(value) > width - right - 12 ? "end" : "middle" }, svg, digits(value));
    }
    for (const line of lines) {
      let path = "", down = false;
      line.ys.forEach((value, i) => {
        if (!Number.isFinite(value)) {
          down = false;
          return;
        }
        const clipped = Math.min(high + (high - low), Math.max(low - (high - low), value));
        path += `${down ? "L" : "M"}${x(line.xs?.[i] ?? xs[i]).toFixed(2)} ${y(clipped).toFixed(2)}`;
        down = true;
      });
      shape("path", { class: `line ${line.class ?? ""}`, d: path, "clip-path": "inset(0)" }, svg);
    }
    if (point && Number.isFinite(point[1])) {
      shape("line", { class: "guide", x1: x(point[0]), x2: x(point[0]), y1: top, y2: height - bottom }, svg);
      shape("circle", { class: "point", cx: x(point[0]), cy: y(Math.min(high, Math.max(low, point[1]))), r: 6 }, svg);
    } else if (point) {
      shape("line", { class: "guide lost", x1: x(point[0]), x2: x(point[0]), y1: top, y2: height - bottom }, svg);
    }
  };
  return { box, draw, heading };
}

// Python sends nan and infinities as words.
function numeric(values) {
  return values.map((value) => (typeof value === "number" ? value : NaN));
}

// Activations: black to warm white. Gradients: blue below zero, orange above, dark at zero.
function paint(canvas, values, width, height, signed) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    let red, green, blue;
    if (signed) {
      const g = (values[i] - 128) / 127;
      const strength = Math.min(1, Math.abs(g));
      [red, green, blue] = g > 0 ? [251, 146, 60] : [96, 150, 255];
      red = 18 + (red - 18) * strength;
      green = 18 + (green - 18) * strength;
      blue = 20 + (blue - 20) * strength;
    } else {
      const v = values[i] / 255;
      [red, green, blue] = [16 + 239 * v, 16 + 232 * v, 18 + 212 * v];
    }
    picture.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}


// One colour for each of ten classes, told apart on white and on black.
const COLOURS = ["#2563eb", "#dc2626", "#16a34a", "#9333ea", "#ea580c", "#0891b2", "#be185d", "#65a30d", "#78716c", "#ca8a04"];

// What a classifier of points says of the plane: orange above one half, blue below, stronger where it is surer.
function paintPlane(canvas, probs, side, base = 0.1) {
  const small = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const p = probs[i] / 255;
    image.data.set([...(p > 0.5 ? [234, 120, 40] : [60, 110, 230]), 255 * (base + 1.1 * Math.abs(p - 0.5))], 4 * i);
  }
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return context;
}

// A figure that goes on by itself. What is to be done is sent once, whatever is asked meanwhile; while it
// plays, each answer asks for the next frame.
function running(root, button, { words, frame, ask, onStop }) {
  let command = null, playing = false;
  const order = (next) => {
    if (next.do !== "look" || !command) command = next;
    ask();
  };
  const set = (on) => {
    if (playing && !on && onStop) onStop();
    playing = on;
    button.textContent = on ? "Stop" : words;
    root.dataset.playing = String(on);
    if (on) order(frame());
  };
  button.addEventListener("click", () => set(!playing));
  const take = () => {
    const taken = command ?? { do: "look" };
    command = null;
    return taken;
  };
  const next = () => {
    root.dataset.frames = String(Number(root.dataset.frames ?? 0) + 1);
    if (playing) requestAnimationFrame(() => { if (playing) order(frame()); });
  };
  return { order, set, take, next, isPlaying: () => playing };
}

// Draws on `canvas` with mouse, finger or keyboard: arrows move a ring, Space puts the pen down and
// lifts it. stroke(x, y, begins) in shares of the canvas, which already stands in its place.
function pen(canvas, words, stroke) {
  const ring = element("span", "pen");
  let at = [0.5, 0.5], down = false, drawing = false;
  const place = () => {
    ring.style.left = `${canvas.offsetLeft + at[0] * canvas.offsetWidth}px`;
    ring.style.top = `${canvas.offsetTop + at[1] * canvas.offsetHeight}px`;
    ring.classList.toggle("down", down);
  };
  const share = (event) => {
    const area = canvas.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("aria-label", `${words}; from the keyboard: arrows move the pen, Space puts it down and lifts it`);
  canvas.style.touchAction = "none";
  canvas.parentNode.style.position = "relative";
  canvas.after(ring);
  ring.hidden = true;
  canvas.addEventListener("focus", () => {
    ring.hidden = !canvas.matches(":focus-visible");
    place();
  });
  canvas.addEventListener("blur", () => {
    ring.hidden = true;
    down = false;
  });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    ring.hidden = drawing = true;
    down = false;
    stroke(...share(event), true);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => { if (drawing) stroke(...share(event), false); });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drawing = false; });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && event.key !== " ") return;
    if (way) at = at.map((value, axis) => Math.min(0.97, Math.max(0.03, value + way[axis] / 28)));
    else down = !down;
    ring.hidden = false;
    place();
    if (down) stroke(...at, !way);
    event.preventDefault();
  });
}

// A sheet of 28 x 28 pixels to draw on, 0 to 255; `onExample` puts a picture on it.
function paper(title, { pixels, onChange, onExample }) {
  const side = 28;
  const box = element("div", "paper");
  const canvas = element("canvas", "pixels");
  let values = new Uint8Array(pixels ?? side * side), last = null;
  const repaint = () => paint(canvas, values, side, side, false);
  const ink = (x, y) => {
    for (let j = Math.floor(y) - 2; j <= y + 2; j++) {
      for (let i = Math.floor(x) - 2; i <= x + 2; i++) {
        if (i < 0 || j < 0 || i >= side || j >= side) continue;
        const far = Math.hypot(i + 0.5 - x, j + 0.5 - y);
        values[j * side + i] = Math.max(values[j * side + i], Math.round(255 * Math.min(1, Math.max(0, 1.9 - far))));
      }
    }
  };
  const stroke = (x, y, begins) => {
    const at = [x * side, y * side], from = begins ? at : last;
    const steps = 1 + Math.ceil(2 * Math.hypot(at[0] - from[0], at[1] - from[1]));
    for (let n = 0; n <= steps; n++) ink(from[0] + (at[0] - from[0]) * n / steps, from[1] + (at[1] - from[1]) * n / steps);
    last = at;
    repaint();
    onChange([...values]);
  };
  const buttons = element("div", "buttons");
  buttons.append(pressable("Clear", () => {
    values = new Uint8Array(side * side);
    repaint();
    onChange([...values]);
  }), pressable("Example", onExample, "The next test picture"));
  box.append(element("div", "title", title), canvas, buttons);
  pen(canvas, title, stroke);
  repaint();
  const set = (next) => {
    values = new Uint8Array(next);
    repaint();
  };
  return { box, set };
}

// A row of pictures of 28 x 28 from the bytes of all of them.
function pictures(bytes, { columns, side = 28, onClick, chosen = -1 } = {}) {
  const row = element("div", "pictures");
  if (columns) row.style.setProperty("--columns", columns);
  const size = side * side;
  for (let n = 0; n * size < bytes.length; n++) {
    const node = onClick ? pressable("", () => onClick(n)) : element("span");
    if (onClick) {
      node.title = `picture ${n}`;
      node.setAttribute("aria-pressed", String(n === chosen));
    }
    const canvas = element("canvas", "pixels");
    paint(canvas, bytes.subarray(n * size, (n + 1) * size), side, side, false);
    node.append(canvas);
    row.append(node);
  }
  return row;
}
