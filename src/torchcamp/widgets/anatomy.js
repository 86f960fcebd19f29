// The layers as cards; the chosen one opened: its maps, the filter of one map, its batch norm.

import { asking, keeping } from "./shared/ask.js";
import { choice, pressable, slider } from "./shared/controls.js";
import { bar, digits, element, figureRoot, liveText, shape, titled } from "./shared/dom.js";
import { paint, painted, SIDE } from "./shared/paint.js";
import { arrow } from "./shared/pen.js";
import { sentences } from "./shared/texts.js";

// Per channel: what the batch has against what is kept, as two rows of bars.
function statistics(batch, kept, title) {
  const [width, height, n] = [360, 96, batch.length];
  const largest = Math.max(1e-6, ...batch.map(Math.abs), ...kept.map(Math.abs));
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  const middle = [...batch, ...kept].some((v) => v < 0) ? height / 2 : height - 6;
  shape("line", { class: "grid", x1: 0, x2: width, y1: middle, y2: middle }, svg);
  const barWidth = Math.min(9, (width / n) * 0.4);
  const drawBar = (className, x, value) => {
    const length = (-value / largest) * (middle - 6);
    const y = Math.min(middle, middle + length);
    shape("rect", { class: className, x, width: barWidth, y, height: Math.abs(length) }, svg);
  };
  batch.forEach((value, i) => {
    const x = ((i + 0.5) * width) / n;
    drawBar("kept", x - barWidth, kept[i]);
    drawBar("batch", x, value);
  });
  return titled("statistics", title, svg);
}

function render({ model, el }) {
  const root = figureRoot(el, "anatomy", "Inside a network of convolutions");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const ask = keeping(state, () => talk.ask());
  // Another map has another brightest pixel.
  const keep = (key) => (value) => {
    state.row = state.column = -1;
    ask(key)(value);
  };
  const controls = element("div", "controls");
  if (setup.networks.length > 1) {
    const networks = choice("network", setup.networks, state.network, (value) => {
      state.layer = state.map = 0;
      keep("network")(value);
    });
    controls.append(networks.root);
  }
  const modes = [
    [false, "eval()"],
    [true, "train()"],
  ];
  const numbers = { min: 0, max: setup.pictures - 1, step: 1, value: 0 };
  controls.append(
    slider("picture", numbers, keep("picture")).root,
    choice("mode", modes, false, keep("training")).root,
  );
  const top = element("div", "top");
  const picture = element("canvas", "pixels");
  const cards = element("div", "cards");
  const answer = element("div", "answer");
  top.append(picture, cards, answer);
  const body = element("div", "body");
  const explanation = liveText();
  root.append(controls, top, body, explanation);

  function layerCard(reply, layer, number) {
    const isChosen = number === reply.layer;
    const node = pressable("", () => {
      state.map = 0;
      keep("layer")(number);
    });
    node.className = `card ${isChosen ? "chosen" : ""}`;
    node.setAttribute("aria-pressed", String(isChosen));
    const largest = Math.max(...reply.layers.map((each) => each.gradient));
    node.append(
      element("b", "", layer.name),
      element("span", "", layer.shape),
      element("span", "", `${layer.numbers} numbers`),
      bar(layer.gradient / largest),
      element("small", "", `gradient ${digits(layer.gradient, 4)}`),
    );
    return node;
  }

  // Each map with its gradient below it.
  function mapsOf(reply, forward, backward) {
    const row = element("div", "row");
    const [height, width] = reply.mapSize;
    for (let c = 0; c < reply.channels; c++) {
      const from = c * height * width;
      const part = (bytes, signed) =>
        painted(bytes.subarray(from, from + height * width), width, height, { signed });
      const pair = pressable("", () => keep("map")(c), `map ${c}`);
      pair.className = `pair ${c === reply.map ? "chosen" : ""}`;
      pair.setAttribute("aria-pressed", String(c === reply.map));
      pair.append(part(forward, false), part(backward, true));
      row.append(pair);
    }
    return titled("maps", say("maps", { layer: reply.layers[reply.layer].name }), row);
  }

  function filterOf(reply, weights, gradient) {
    const size = reply.filterSize;
    const shown = { map: reply.map, shape: `${reply.filterLayers} × ${size} × ${size}` };
    const filter = titled("filters", say("filter", shown));
    for (const [kind, bytes] of Object.entries({ weights, gradient })) {
      const line = element("div", "row small");
      for (let c = 0; c < reply.filterLayers; c++) {
        const layer = bytes.subarray(c * size * size, (c + 1) * size * size);
        line.append(painted(layer, size, size, { signed: true }));
      }
      const labelled = element("div", "labelled");
      labelled.append(element("span", "", kind), line);
      filter.append(labelled);
    }
    return filter;
  }

  let refocus = false;
  let last = null;
  function choosePixel(row, column) {
    Object.assign(state, { row, column });
    refocus = true;
    talk.ask();
  }

  root.addEventListener("keydown", (event) => {
    const step = arrow(event);
    if (!step || !last || !event.target.classList.contains("here")) return;
    const inside = (value, size) => Math.max(0, Math.min(size - 1, value));
    const [height, width] = last.mapSize;
    choosePixel(inside(state.row + step[1], height), inside(state.column + step[0], width));
    event.preventDefault();
  });

  // The chosen map, large, with a button for each of its pixels.
  function mapToClick(reply, forward) {
    const [height, width] = reply.mapSize;
    const from = reply.map * height * width;
    const box = element("div", "large-map");
    const buttons = element("div", "places");
    buttons.style.setProperty("--columns", width);
    for (let i = 0; i < height * width; i++) {
      const [row, column] = [Math.floor(i / width), i % width];
      const isHere = row === reply.pixel.row && column === reply.pixel.column;
      const node = element("button", isHere ? "here" : "");
      node.type = "button";
      node.tabIndex = isHere ? 0 : -1;
      node.setAttribute("aria-label", `row ${row}, column ${column}`);
      node.setAttribute("aria-pressed", String(isHere));
      node.addEventListener("click", () => choosePixel(row, column));
      buttons.append(node);
    }
    box.append(painted(forward.subarray(from, from + height * width), width, height), buttons);
    return box;
  }

  function numbersOf(title, rows) {
    const cells = element("div", "cells");
    cells.style.setProperty("--columns", rows[0].length);
    for (const value of rows.flat()) {
      cells.append(element("span", "", value.toFixed(2).replace("-", "−")));
    }
    return titled("board", title, cells);
  }

  function pixelOf(reply, forward) {
    const { pixel } = reply;
    const place = { map: reply.map, row: pixel.row, column: pixel.column };
    const sum = element("div", "sum");
    const sign = (text) => element("span", "sign", text);
    const window = reply.filterLayers > 1 ? say("window", { from: pixel.from }) : say("picture");
    sum.append(
      numbersOf(window, pixel.window),
      sign("×"),
      numbersOf("the filter", pixel.filter),
      sign("="),
      numbersOf("products", pixel.products),
    );
    const line = element("div", "pixel-line");
    line.append(mapToClick(reply, forward), sum);
    const words = liveText("p", "pixel-words");
    words.textContent = pixel.words;
    const hint = element("p", "caption", say("choose"));
    const box = titled("pixel", say("pixel", place), hint, line, words);
    root.dataset.sum = String(pixel.sum);
    root.dataset.pixel = String(pixel.value);
    root.dataset.place = `${pixel.row},${pixel.column}`;
    return box;
  }

  function batchNormOf({ norm }) {
    const box = element("div", "norm");
    if (norm) {
      box.append(
        element("div", "title", say("norm")),
        statistics(norm.batchMean, norm.runningMean, "mean of each channel"),
        statistics(norm.batchStd, norm.runningStd, "standard deviation"),
      );
    }
    return box;
  }

  function show(reply, [image, forward, backward, weights, gradient]) {
    last = reply;
    state.layer = reply.layer;
    state.map = reply.map;
    Object.assign(state, { row: reply.pixel.row, column: reply.pixel.column });
    paint(picture, image, SIDE, SIDE, false);
    cards.replaceChildren(...reply.layers.map((layer, number) => layerCard(reply, layer, number)));
    const best = reply.probs.indexOf(Math.max(...reply.probs));
    const truth = `truth: ${setup.names[reply.label]}, loss ${digits(reply.loss, 4)}`;
    answer.replaceChildren(
      element("div", "title", reply.training ? "in train()" : "in eval()"),
      element("b", "", `${setup.names[best]}: ${(100 * reply.probs[best]).toFixed(2)} %`),
      element("span", "", truth),
    );
    body.replaceChildren(
      mapsOf(reply, forward, backward),
      filterOf(reply, weights, gradient),
      pixelOf(reply, forward),
      batchNormOf(reply),
    );
    if (refocus) body.querySelector(".here").focus();
    refocus = false;
    explanation.textContent = reply.words;
    root.dataset.layer = reply.layers[reply.layer].name;
    root.dataset.training = String(reply.training);
    root.dataset.loss = String(reply.loss);
    root.dataset.network = reply.network;
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
