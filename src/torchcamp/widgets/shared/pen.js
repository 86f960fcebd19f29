// Drawing on a canvas with mouse, finger or keyboard.

import { pressable } from "./controls.js";
import { element, pointerShare } from "./dom.js";
import { NUM_PIXELS, paint, SIDE } from "./paint.js";

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

// Where an arrow key points to, [right, down]; undefined for any other key.
export function arrow(event) {
  return ARROWS[event.key];
}

const KEYS = "from the keyboard: arrows move the pen, Space puts it down and lifts it";

// Draws on `canvas`: arrows move a ring, Space puts the pen down and lifts it. stroke(x, y, begins)
// in shares of the canvas, which already stands in its place.
export function pen(canvas, label, stroke) {
  const ring = element("span", "pen");
  let at = [0.5, 0.5];
  let down = false;
  let drawing = false;
  const place = () => {
    ring.style.left = `${canvas.offsetLeft + at[0] * canvas.offsetWidth}px`;
    ring.style.top = `${canvas.offsetTop + at[1] * canvas.offsetHeight}px`;
    ring.classList.toggle("down", down);
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application"); // its keys are its own, not the screen reader's
  canvas.setAttribute("aria-label", `${label}; ${KEYS}`);
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
    stroke(...pointerShare(canvas, event), true);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drawing) stroke(...pointerShare(canvas, event), false);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      drawing = false;
    });
  }
  canvas.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (!way && event.key !== " ") return;
    if (way) {
      at = at.map((value, axis) => Math.min(0.97, Math.max(0.03, value + way[axis] / 28)));
    } else {
      down = !down;
    }
    ring.hidden = false;
    place();
    if (down) stroke(...at, !way);
    event.preventDefault();
  });
}

// A sheet of 28 x 28 pixels to draw on, 0 to 255; `onExample` puts a picture on it.
export function paper(title, { onChange, onExample }) {
  const box = element("div", "paper");
  const canvas = element("canvas", "pixels");
  let values = new Uint8Array(NUM_PIXELS);
  let last = null;
  const repaint = () => paint(canvas, values, SIDE, SIDE, false);
  const ink = (x, y) => {
    for (let j = Math.floor(y) - 2; j <= y + 2; j++) {
      for (let i = Math.floor(x) - 2; i <= x + 2; i++) {
        if (i < 0 || j < 0 || i >= SIDE || j >= SIDE) continue;
        const far = Math.hypot(i + 0.5 - x, j + 0.5 - y);
        const value = Math.round(255 * Math.min(1, Math.max(0, 1.9 - far)));
        values[j * SIDE + i] = Math.max(values[j * SIDE + i], value);
      }
    }
  };
  const stroke = (x, y, begins) => {
    const at = [x * SIDE, y * SIDE];
    const from = begins ? at : last;
    const way = [at[0] - from[0], at[1] - from[1]];
    const steps = 1 + Math.ceil(2 * Math.hypot(...way));
    for (let n = 0; n <= steps; n++) {
      ink(from[0] + (way[0] * n) / steps, from[1] + (way[1] * n) / steps);
    }
    last = at;
    repaint();
    onChange([...values]);
  };
  const clear = () => {
    values = new Uint8Array(NUM_PIXELS);
    repaint();
    onChange([...values]);
  };
  const buttons = element("div", "buttons");
  buttons.append(
    pressable("Clear", clear),
    pressable("Example", onExample, "The next test picture"),
  );
  box.append(element("div", "title", title), canvas, buttons);
  pen(canvas, title, stroke);
  repaint();
  const set = (next) => {
    values = new Uint8Array(next);
    repaint();
  };
  return { box, set };
}
