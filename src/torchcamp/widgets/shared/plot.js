// Plots of lines, as SVG.

import { digits, dragging, element, numeric, shape } from "./dom.js";

// Round numbers from at or below `low` to at or above `high`, about `count` steps, none smaller
// than `least`.
export function niceTicks(low, high, count, least = 0) {
  const raw = (high - low) / count || 1;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const steps = [1, 2, 5, 10].map((m) => m * magnitude);
  const step = Math.max(
    least,
    steps.find((s) => s >= raw * 0.999),
  );
  const ticks = [];
  const end = Math.ceil(high / step - 1e-9);
  for (let n = Math.floor(low / step + 1e-9); n <= end; n++) {
    ticks.push(+(n * step).toPrecision(12));
  }
  return ticks;
}

// A path through the points, with a gap where a number is missing.
function pathOf(ys, toPoint) {
  let path = "";
  let down = false;
  ys.forEach((value, i) => {
    const isThere = Number.isFinite(value);
    if (isThere)
      path +=
        (down ? "L" : "M") +
        toPoint(value, i)
          .map((v) => v.toFixed(2))
          .join(" ");
    down = isThere;
  });
  return path;
}

// A plot of lines over one axis, which may count steps, with a point that can be dragged along it.
export function makePlot({ width = 420, height = 210, title, onDrag, steps = false }) {
  const box = element("div", "plot");
  const heading = element("div", "title", title);
  const svg = shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": title,
  });
  box.append(heading, svg);
  const [left, right, top, bottom] = [52, width - 10, 10, height - 22];
  let range = [0, 1];
  if (onDrag) {
    svg.classList.add("draggable");
    dragging(svg, ([x]) => {
      const share = (x * width - left) / (right - left);
      onDrag(range[0] + Math.min(1, Math.max(0, share)) * (range[1] - range[0]));
    });
  }
  // lines: [{ class, xs, ys }] with null where there is no number; point: [x, y];
  // bands: [{ from, to }]; limits: lowest and highest y.
  const draw = ({ lines, point, bands = [], limits, xs }) => {
    range = [xs[0], xs[xs.length - 1]];
    const finite = lines.flatMap((line) => line.ys).filter((y) => Number.isFinite(y));
    let [low, high] = limits ?? [Math.min(...finite), Math.max(...finite)];
    if (!(high > low)) [low, high] = [low - 1, low + 1];
    const toX = (value) => left + ((right - left) * (value - range[0])) / (range[1] - range[0]);
    const toY = (value) => bottom - ((bottom - top) * (value - low)) / (high - low);
    const clamp = (value, margin) => Math.min(high + margin, Math.max(low - margin, value));
    const ticks = (from, to, least) =>
      niceTicks(from, to, 5, least).filter((value) => from <= value && value <= to);
    svg.replaceChildren();
    for (const band of bands) {
      const from = toX(Math.max(range[0], band.from));
      const to = toX(Math.min(range[1], band.to));
      const area = { class: "band", x: from, width: to - from, y: top, height: bottom - top };
      if (to > from) shape("rect", area, svg);
    }
    for (const value of ticks(low, high)) {
      const y = toY(value);
      shape("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }, svg);
      const place = { class: "tick", x: left - 6, y: y + 4, "text-anchor": "end" };
      shape("text", place, svg, digits(value));
    }
    for (const value of ticks(...range, steps ? 1 : 0)) {
      const x = toX(value);
      const anchor = x > right - 12 ? "end" : "middle";
      const place = { class: "tick", x, y: height - 5, "text-anchor": anchor };
      shape("text", place, svg, digits(value));
    }
    for (const line of lines) {
      const toPoint = (value, i) => [toX(line.xs?.[i] ?? xs[i]), toY(clamp(value, high - low))];
      const path = pathOf(line.ys, toPoint);
      const className = `line ${line.class ?? ""}`;
      shape("path", { class: className, d: path, "clip-path": "inset(0)" }, svg);
    }
    if (!point) return;
    const isThere = Number.isFinite(point[1]);
    const x = toX(point[0]);
    const guide = { class: isThere ? "guide" : "guide lost", x1: x, x2: x, y1: top, y2: bottom };
    shape("line", guide, svg);
    if (isThere) shape("circle", { class: "point", cx: x, cy: toY(clamp(point[1], 0)), r: 6 }, svg);
  };
  return { box, draw, heading };
}

// The last `count` steps of `numSteps`. An axis is two long at least.
export function lastSteps(numSteps, count) {
  return count > 1 ? Array.from({ length: count }, (_, i) => numSteps - count + 1 + i) : [0, 1];
}

// A line is two points long at least: one value becomes a level line.
export function atLeastTwo(ys) {
  return ys.length > 1 ? ys : [ys[0], ys[0]];
}

// What a discriminator pays when it can only guess: ln 2 for what is real, ln 2 for what is not.
const GUESSING = 2 * Math.log(2);

// The losses of two players, [D, G] of each step, with the line of guessing; the axis ends at 8.
export function drawPlayers(plot, losses, numSteps) {
  const [d, g] = [0, 1].map((player) => numeric(losses.map((pair) => pair[player])));
  const highest = Math.max(2, ...[...d, ...g].filter(Number.isFinite));
  const xs = lastSteps(numSteps, losses.length);
  const lines = [{ ys: xs.map(() => GUESSING), class: "thin" }];
  if (losses.length > 1) lines.push({ ys: d }, { ys: g, class: "second" });
  plot.draw({ xs, lines, limits: [0, losses.length > 1 ? Math.min(8, highest) : 2] });
}
