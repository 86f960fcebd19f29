// Pictures from bytes, on canvases.

import { element } from "./dom.js";

// A picture of a digit: 28 x 28 bytes.
export const SIDE = 28;
export const NUM_PIXELS = SIDE * SIDE;

// Activations: black to warm white. Gradients: blue below zero, orange above, dark at zero.
export function paint(canvas, values, width, height, signed) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    let red;
    let green;
    let blue;
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

// A new canvas with the values on it.
export function painted(values, width, height, { signed = false, className = "" } = {}) {
  const canvas = element("canvas", `pixels ${className}`);
  paint(canvas, values, width, height, signed);
  return canvas;
}

// One colour for each of ten classes, told apart on white and on black.
const COLOURS = [
  "#2563eb",
  "#dc2626",
  "#16a34a",
  "#9333ea",
  "#ea580c",
  "#0891b2",
  "#be185d",
  "#65a30d",
  "#78716c",
  "#ca8a04",
];

export function classColour(label) {
  return COLOURS[label % COLOURS.length];
}

// Makes a circle the path to be filled or stroked.
export function circle(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
}

// What a classifier of points says of the plane: orange above one half, blue below, stronger where
// it is surer.
export function paintPlane(canvas, probs, side, base = 0.1) {
  const small = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const p = probs[i] / 255;
    const colour = p > 0.5 ? [234, 120, 40] : [60, 110, 230];
    image.data.set([...colour, 255 * (base + 1.1 * Math.abs(p - 0.5))], 4 * i);
  }
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return context;
}

// A row of pictures of digits from the bytes of all of them.
export function pictures(bytes, columns) {
  const row = element("div", "pictures");
  row.style.setProperty("--columns", columns);
  for (let start = 0; start < bytes.length; start += NUM_PIXELS) {
    const box = element("span");
    box.append(painted(bytes.subarray(start, start + NUM_PIXELS), SIDE, SIDE));
    row.append(box);
  }
  return row;
}
