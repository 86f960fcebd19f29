// Left the plane, in the middle the network with its numbers, on the right the loss.

function render({ model, el }) {
  const root = element("div", "figure plane");
  root.tabIndex = 0;
  root.setAttribute("aria-label", "A small network that learns to separate points; space starts and stops, s steps");
  const setup = model.get("setup");
  const settings = structuredClone(model.get("state"));
  let losses = [];

  const controls = element("div", "controls");
  const play = pressable("Train", () => {}, "Train step by step until stopped (space)");
  play.className = "go";
  const step = pressable("One step", () => go.order({ do: "steps", steps: 1 }), "Forward, loss, backward, update (s)");
  const phase = pressable("Part of a step", () => go.order({ do: "phase" }), "Forward, then loss, then backward, then update (p)");
  const reset = pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }, "New weights from the same seed (r)");
  const rate = slider("rate", { min: -2, max: 2, step: 0.05, value: Math.log10(settings.rate), format: (v) => (10 ** v).toPrecision(2) }, (value) => {
    settings.rate = 10 ** value;
    go.order({ do: "look" });
  });
  controls.append(play, step, phase, reset, rate.root);
  const more = element("div", "controls");
  if (setup.data.length > 1) more.append(choice("points", setup.data, settings.data, (value) => {
    settings.data = value;
    go.order({ do: "reset" });
  }).root);
  if (setup.activations.length > 1) more.append(choice("activation", setup.activations, settings.activation, (value) => {
    settings.activation = value;
    go.order({ do: "reset" });
  }).root);
  const faults = element("div", "controls faults");
  if (setup.faults.length) faults.append(element("span", "label", "break it:"));
  for (const [key, title] of setup.faults) {
    faults.append(toggle(title, false, (on) => {
      settings.faults = on ? [...settings.faults, key] : settings.faults.filter((each) => each !== key);
      go.order({ do: "look" });
    }).root);
  }

  const body = element("div", "body");
  const field = element("canvas", "field");
  field.width = field.height = 300;
  const network = element("div", "network");
  const svg = shape("svg", { viewBox: "0 0 330 250", role: "img", "aria-label": "The network on one point" }, network);
  const curve = makePlot({ steps: true, width: 300, height: 180, title: "loss of each batch" });
  const left = element("div"), right = element("div");
  left.append(field, element("div", "caption", "background: what the network says; rings: this batch; the thick ring: the point whose way is shown"));
  right.append(curve.box);
  body.append(left, network, right);
  const tables = element("div", "tables");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, more, faults, body, tables, words);
  el.append(root);

  root.addEventListener("keydown", (event) => {
    if (event.target !== root) return;
    const keys = { " ": play, s: step, p: phase, r: reset };
    if (keys[event.key]) {
      keys[event.key].click();
      event.preventDefault();
    }
  });

  function drawField(reply, bytes) {
    const context = paintPlane(field, bytes, reply.side);
    const at = ([x, y]) => [(x + reply.extent) / (2 * reply.extent) * field.width, (reply.extent - y) / (2 * reply.extent) * field.height];
    reply.points.forEach(([x, y, label], i) => {
      const [cx, cy] = at([x, y]);
      context.beginPath();
      context.arc(cx, cy, 4.2, 0, 7);
      context.fillStyle = label ? "#c2410c" : "#1d4ed8";
      context.fill();
      context.strokeStyle = "#fff";
      context.lineWidth = 1;
      context.stroke();
      if (reply.batch.includes(i)) {
        context.beginPath();
        context.arc(cx, cy, i === reply.batch[0] ? 8.5 : 7, 0, 7);
        context.strokeStyle = i === reply.batch[0] ? "#000" : "rgba(0,0,0,.55)";
        context.lineWidth = i === reply.batch[0] ? 2.6 : 1.1;
        context.stroke();
      }
    });
  }

  function drawNetwork({ example, layers, phase: done }) {
    svg.replaceChildren();
    const columns = [
      { x: 34, values: example.x, grads: null, names: ["x₁", "x₂"] },
      { x: 165, values: example.hidden, grads: example.hiddenGrads, names: example.hidden.map((_, i) => `h${"₁₂₃₄₅"[i]}`) },
      { x: 292, values: [example.p], grads: null, names: ["p"] },
    ];
    const y = (column, i) => 125 + (i - (column.values.length - 1) / 2) * 74;
    layers.forEach((layer, n) => layer.weight.forEach((row, to) => row.forEach((w, from) => {
      const [a, b] = [columns[n], columns[n + 1]];
      shape("line", { class: `weight ${w < 0 ? "below" : ""}`, x1: a.x, y1: y(a, from), x2: b.x, y2: y(b, to),
        "stroke-width": Math.min(7, 0.6 + 1.6 * Math.abs(w)) }, svg);
    })));
    columns.forEach((column, n) => column.values.forEach((value, i) => {
      const group = shape("g", { class: "unit", transform: `translate(${column.x} ${y(column, i)})` }, svg);
      shape("circle", { r: 25 }, group);
      shape("text", { class: "name", y: -6, "text-anchor": "middle" }, group, column.names[i]);
      const isShown = n === 0 || done !== "begin";
      shape("text", { class: "value", y: 10, "text-anchor": "middle" }, group, isShown ? digits(value, 2) : "?");
      if (column.grads) shape("text", { class: "gradient", y: 40, "text-anchor": "middle" }, group, `∂L ${digits(column.grads[i], 3)}`);
    }));
  }

  function drawTables({ layers, rate: used, phase: done }) {
    tables.replaceChildren();
    layers.forEach((layer, n) => {
      const table = element("table");
      const head = element("tr");
      for (const text of [`layer ${n + 1}`, "W", "dL/dW", `W − ${digits(used, 3)} · dL/dW`]) {
        head.append(element("th", text.startsWith("layer") ? "" : "number", text));
      }
      table.append(head);
      const add = (name, w, g, after) => {
        const row = element("tr");
        row.append(element("td", "code", name), element("td", "number", digits(w, 3)),
          element("td", "number gradient", g === null ? "" : digits(g, 3)),
          element("td", "number", after === null ? "" : digits(after, 3)));
        table.append(row);
      };
      layer.weight.forEach((row, i) => row.forEach((w, j) => add(`W${i + 1}${j + 1}`, w,
        layer.weightGrad?.[i]?.[j] ?? null, layer.weightNext?.[i]?.[j] ?? null)));
      layer.bias.forEach((b, i) => add(`b${i + 1}`, b, layer.biasGrad?.[i] ?? null, layer.biasNext?.[i] ?? null));
      tables.append(table);
    });
    root.dataset.phase = done;
  }

  function show(reply, [bytes]) {
    losses = reply.fresh ? [...reply.losses] : [...losses, ...reply.losses].slice(-400);
    drawField(reply, bytes);
    drawNetwork(reply);
    drawTables(reply);
    const xs = losses.length > 1 ? losses.map((_, i) => reply.numSteps - losses.length + 1 + i) : [0, 1];
    const finite = numeric(losses).filter(Number.isFinite);
    right.hidden = losses.length < 2;
    if (losses.length > 1) curve.draw({ xs, lines: [{ ys: numeric(losses) }], limits: [0, Math.max(1, ...finite) * 1.02] });
    words.textContent = reply.words;
    phase.textContent = `Part of a step: ${reply.nextPhase}`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.accuracy = String(reply.accuracy);
    root.dataset.loss = String(losses.at(-1) ?? "");
    go.next();
  }

  const talk = asking(model, root, () => ({ ...settings, ...go.take() }), show);
  const go = running(root, play, { words: "Train", frame: () => ({ do: "steps", steps: 4 }), ask: () => talk.ask() });
  talk.open();
  talk.ask(); // the kernel may have gone on since: a page that is opened again shows it
  return talk.stop;
}

export default { render };
