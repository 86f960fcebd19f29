// Left the plane, in the middle the network with its numbers, on the right the loss.

import { asking, running } from "./shared/ask.js";
import { choice, faultToggles, logSlider, pressable, shortcuts } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, numeric, shape, tableRow } from "./shared/dom.js";
import { circle, paintPlane } from "./shared/paint.js";
import { lastSteps, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

// The network on one point: columns of units, lines as thick as their weights.
function drawNetwork(svg, { example, layers, phase }) {
  svg.replaceChildren();
  const hiddenNames = example.hidden.map((_, i) => `h${"₁₂₃₄₅"[i]}`);
  const columns = [
    { x: 34, values: example.x, names: ["x₁", "x₂"] },
    { x: 165, values: example.hidden, grads: example.hiddenGrads, names: hiddenNames },
    { x: 292, values: [example.p], names: ["p"] },
  ];
  const toY = (column, i) => 125 + (i - (column.values.length - 1) / 2) * 74;
  const drawWeight = (n, from, to, weight) => {
    const [a, b] = [columns[n], columns[n + 1]];
    const ends = { x1: a.x, y1: toY(a, from), x2: b.x, y2: toY(b, to) };
    const width = Math.min(7, 0.6 + 1.6 * Math.abs(weight));
    const className = `weight ${weight < 0 ? "below" : ""}`;
    shape("line", { class: className, ...ends, "stroke-width": width }, svg);
  };
  layers.forEach((layer, n) => {
    layer.weight.forEach((row, to) => {
      row.forEach((weight, from) => {
        drawWeight(n, from, to, weight);
      });
    });
  });
  const drawUnit = (column, i, isKnown) => {
    const place = `translate(${column.x} ${toY(column, i)})`;
    const group = shape("g", { class: "unit", transform: place }, svg);
    const write = (className, y, text) =>
      shape("text", { class: className, y, "text-anchor": "middle" }, group, text);
    shape("circle", { r: 25 }, group);
    write("name", -6, column.names[i]);
    write("value", 10, isKnown ? digits(column.values[i], 2) : "?");
    if (column.grads) write("gradient", 40, `∂L ${digits(column.grads[i], 3)}`);
  };
  columns.forEach((column, n) => {
    column.values.forEach((_, i) => {
      drawUnit(column, i, n === 0 || phase !== "begin");
    });
  });
}

// Every number of a layer, its gradient and what the step makes of it.
function layerTable(layer, n, rate) {
  const table = element("table");
  const next = `W − ${digits(rate, 3)} · dL/dW`;
  const head = ["W", "dL/dW", next].map((text) => [text, "number"]);
  table.append(tableRow("th", [[`layer ${n + 1}`, ""], ...head]));
  const addRow = (name, value, grad, after) => {
    const cells = [
      [name, "code"],
      [digits(value, 3), "number"],
      [digits(grad ?? "", 3), "number gradient"],
      [digits(after ?? "", 3), "number"],
    ];
    table.append(tableRow("td", cells));
  };
  layer.weight.forEach((row, i) => {
    row.forEach((weight, j) => {
      const name = `W${i + 1}${j + 1}`;
      addRow(name, weight, layer.weightGrad?.[i]?.[j], layer.weightNext?.[i]?.[j]);
    });
  });
  layer.bias.forEach((bias, i) => {
    addRow(`b${i + 1}`, bias, layer.biasGrad?.[i], layer.biasNext?.[i]);
  });
  return table;
}

function render({ model, el }) {
  const label = "A small network that learns to separate points; space starts and stops, s steps";
  const root = figureRoot(el, "plane", label);
  const setup = model.get("setup");
  const settings = structuredClone(model.get("state"));
  const say = sentences(model);
  let losses = [];

  const go = running(root, {
    caption: "Train",
    title: "Train step by step until stopped (space)",
    frame: () => ({ do: "steps", steps: 4 }),
    ask: () => talk.ask(),
  });
  go.restart.title = "New weights from the same seed (r)";
  const oneStep = () => go.order({ do: "steps", steps: 1 });
  const step = pressable("One step", oneStep, "Forward, loss, backward, update (s)");
  const onePhase = () => go.order({ do: "phase" });
  const phase = pressable("Part of a step", onePhase, say("phase"));
  shortcuts(root, { " ": go.button, s: step, p: phase, r: go.restart });
  const rate = logSlider("rate", { min: -2, max: 2, value: settings.rate }, (value) => {
    settings.rate = value;
    go.order({ do: "look" });
  });
  const controls = element("div", "controls");
  controls.append(go.button, step, phase, go.restart, rate.root);
  const more = element("div", "controls");
  const addChoice = (title, options, key) => {
    if (options.length < 2) return;
    const change = (value) => {
      settings[key] = value;
      go.order({ do: "reset" });
    };
    more.append(choice(title, options, settings[key], change).root);
  };
  addChoice("points", setup.data, "data");
  addChoice("activation", setup.activations, "activation");
  const faults = faultToggles(setup.faults, settings, () => go.order({ do: "look" }));

  const field = element("canvas", "field");
  field.width = field.height = 300;
  const left = element("div");
  left.append(field, element("div", "caption", say("legend")));
  const network = element("div", "network");
  const view = { viewBox: "0 0 330 250", role: "img", "aria-label": "The network on one point" };
  const svg = shape("svg", view, network);
  const curve = makePlot({ steps: true, width: 300, height: 180, title: "loss of each batch" });
  const right = element("div");
  right.append(curve.box);
  const body = element("div", "body");
  body.append(left, network, right);
  const tables = element("div", "tables");
  const explanation = liveText();
  root.append(controls, more, faults, body, tables, explanation);

  function drawField({ side, extent, points, batch }, probs) {
    const context = paintPlane(field, probs, side);
    const ring = (place, radius, colour, width) => {
      circle(context, place, radius);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    };
    points.forEach(([x, y, pointLabel], i) => {
      const place = [
        ((x + extent) / (2 * extent)) * field.width,
        ((extent - y) / (2 * extent)) * field.height,
      ];
      context.fillStyle = pointLabel ? "#c2410c" : "#1d4ed8";
      circle(context, place, 4.2);
      context.fill();
      ring(place, 4.2, "#fff", 1);
      if (i === batch[0]) ring(place, 8.5, "#000", 2.6);
      else if (batch.includes(i)) ring(place, 7, "rgba(0,0,0,.55)", 1.1);
    });
  }

  function show(reply, [probs]) {
    losses = reply.fresh ? [...reply.losses] : [...losses, ...reply.losses].slice(-400);
    drawField(reply, probs);
    drawNetwork(svg, reply);
    tables.replaceChildren(...reply.layers.map((layer, n) => layerTable(layer, n, reply.rate)));
    const ys = numeric(losses);
    right.hidden = losses.length < 2;
    if (losses.length > 1) {
      const xs = lastSteps(reply.numSteps, losses.length);
      const highest = Math.max(1, ...ys.filter(Number.isFinite));
      curve.draw({ xs, lines: [{ ys }], limits: [0, highest * 1.02] });
    }
    explanation.textContent = reply.words;
    phase.textContent = `Part of a step: ${reply.nextPhase}`;
    root.dataset.phase = reply.phase;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.accuracy = String(reply.accuracy);
    root.dataset.loss = String(losses.at(-1) ?? "");
    go.next();
  }

  const talk = asking(model, root, () => ({ ...settings, ...go.take() }), show);
  talk.open();
  talk.ask(); // the kernel may have gone on since: a page that is opened again shows it
  return talk.stop;
}

export default { render };
