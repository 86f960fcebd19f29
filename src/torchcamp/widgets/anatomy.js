// The layers as cards; the chosen one opened: its maps, the filter of one map, its batch norm.

function render({ model, el }) {
  const root = element("div", "figure anatomy");
  root.setAttribute("aria-label", "Inside a network of convolutions");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const controls = element("div", "controls");
  if (setup.networks.length > 1) controls.append(choice("network", setup.networks, state.network, (value) => {
    state.network = value;
    state.layer = state.map = 0;
    talk.ask();
  }).root);
  controls.append(
    slider("picture", { min: 0, max: setup.pictures - 1, step: 1, value: 0, format: (v) => String(v) }, (value) => {
      state.picture = value;
      talk.ask();
    }).root,
    choice("mode", [[false, "eval()"], [true, "train()"]], false, (value) => {
      state.training = value;
      talk.ask();
    }).root,
  );
  const top = element("div", "top");
  const picture = element("canvas", "pixels");
  const cards = element("div", "cards");
  const answer = element("div", "answer");
  top.append(picture, cards, answer);
  const body = element("div", "body");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, top, body, words);
  el.append(root);

  // Per channel: what the batch has against what is kept, as two rows of bars.
  function drawStatistics({ batch, running, unit }) {
    const box = element("div", "statistics");
    const width = 360, height = 96, n = batch.length;
    const largest = Math.max(1e-6, ...batch.map(Math.abs), ...running.map(Math.abs));
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": unit });
    const middle = batch.some((v) => v < 0) || running.some((v) => v < 0) ? height / 2 : height - 6;
    const y = (v) => -v / largest * (middle - 6);
    shape("line", { class: "grid", x1: 0, x2: width, y1: middle, y2: middle }, svg);
    batch.forEach((value, i) => {
      const x = (i + 0.5) * width / n, w = Math.min(9, width / n * 0.4);
      shape("rect", { class: "kept", x: x - w, width: w, y: Math.min(middle, middle + y(running[i])), height: Math.abs(y(running[i])) }, svg);
      shape("rect", { class: "batch", x, width: w, y: Math.min(middle, middle + y(value)), height: Math.abs(y(value)) }, svg);
    });
    box.append(element("div", "title", unit), svg);
    return box;
  }

  function show(reply, arrays) {
    state.layer = reply.layer;
    state.map = reply.map;
    paint(picture, arrays[0], 28, 28, false);
    cards.replaceChildren(...reply.layers.map((layer, number) => {
      const node = pressable("", () => {
        state.layer = number;
        state.map = 0;
        talk.ask();
      });
      node.className = `card ${number === reply.layer ? "chosen" : ""}`;
      node.setAttribute("aria-pressed", String(number === reply.layer));
      node.append(element("b", "", layer.name), element("span", "", layer.shape), element("span", "", `${layer.numbers} numbers`));
      const bar = element("span", "bar");
      bar.style.setProperty("--p", layer.gradient / Math.max(...reply.layers.map((each) => each.gradient)));
      node.append(bar, element("small", "", `gradient ${digits(layer.gradient, 4)}`));
      return node;
    }));
    const best = reply.probs.indexOf(Math.max(...reply.probs));
    answer.replaceChildren(element("div", "title", reply.training ? "in train()" : "in eval()"),
      element("b", "", `${setup.names[best]}: ${(100 * reply.probs[best]).toFixed(2)} %`),
      element("span", "", `truth: ${setup.names[reply.label]}, loss ${digits(reply.loss, 4)}`));
    body.replaceChildren();
    const maps = element("div", "maps");
    maps.append(element("div", "title", `maps of ${reply.layers[reply.layer].name}, forward, and below each the gradient of the loss by it`));
    const row = element("div", "row");
    const channels = reply.channels, [h, w] = reply.mapSize, size = h * w;
    for (let c = 0; c < channels; c++) {
      const pair = element("button", `pair ${c === reply.map ? "chosen" : ""}`);
      pair.type = "button";
      pair.title = `map ${c}`;
      pair.setAttribute("aria-pressed", String(c === reply.map));
      const forward = element("canvas", "pixels"), backward = element("canvas", "pixels");
      paint(forward, arrays[1].subarray(c * size, (c + 1) * size), w, h, false);
      paint(backward, arrays[2].subarray(c * size, (c + 1) * size), w, h, true);
      pair.append(forward, backward);
      pair.addEventListener("click", () => {
        state.map = c;
        talk.ask();
      });
      row.append(pair);
    }
    maps.append(row);
    const filters = element("div", "filters");
    filters.append(element("div", "title", `filter of map ${reply.map}: ${reply.filterLayers} × ${reply.filterSize} × ${reply.filterSize}, and its gradient`));
    const k = reply.filterSize, each = k * k;
    for (const [kind, bytes] of [["weights", arrays[3]], ["gradient", arrays[4]]]) {
      const line = element("div", "row small");
      for (let c = 0; c < reply.filterLayers; c++) {
        const canvas = element("canvas", "pixels");
        paint(canvas, bytes.subarray(c * each, (c + 1) * each), k, k, true);
        line.append(canvas);
      }
      const labelled = element("div", "labelled");
      labelled.append(element("span", "", kind), line);
      filters.append(labelled);
    }
    const norm = element("div", "norm");
    if (reply.norm) {
      norm.append(element("div", "title", "batch norm of this layer: kept (grey) against this batch's (orange)"),
        drawStatistics({ batch: reply.norm.batchMean, running: reply.norm.runningMean, unit: "mean of each channel" }),
        drawStatistics({ batch: reply.norm.batchStd, running: reply.norm.runningStd, unit: "standard deviation" }));
    }
    body.append(maps, filters, norm);
    words.textContent = reply.words;
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
