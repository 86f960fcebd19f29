// Row by row: what is read, the hidden state after it, what is expected next. Below: how it would go on.

function render({ model, el }) {
  const root = element("div", "figure unrolled");
  root.setAttribute("aria-label", "A recurrent network over the rows of a picture");
  const state = { ...model.get("state") };
  const controls = element("div", "controls");
  const given = slider("rows given", { min: 0, max: 28, step: 1, value: state.given, format: (v) => String(v) }, (value) => {
    state.given = value;
    talk.ask();
  });
  controls.append(given.root, slider("temperature", { min: 0.1, max: 2.5, step: 0.05, value: state.temperature }, (value) => {
    state.temperature = value;
    talk.ask();
  }).root, pressable("Draw others", () => {
    state.seed += 1;
    talk.ask();
  }));
  const body = element("div", "side-by-side");
  const sheet = paper("read from top to bottom: draw", {
    onChange: (pixels) => {
      state.pixels = pixels;
      talk.ask();
    },
    onExample: () => {
      state.pixels = null;
      state.example += 1;
      talk.ask();
    },
  });
  const chain = element("div", "grow steps");
  body.append(sheet.box, chain);
  const drawn = element("div", "drawn");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, drawn, words);
  el.append(root);

  const strip = (bytes, width, signed, className) => {
    const canvas = element("canvas", `pixels ${className}`);
    paint(canvas, bytes, width, 1, signed);
    return canvas;
  };

  function show(reply, [rows, heat, expected, completions]) {
    if (state.pixels === null) sheet.set(rows); // what is being drawn is ahead of the answer
    const head = element("div", "step head");
    head.append(element("span", "", "row"), element("span", "", "expected, from what came before"), element("span", "", `hidden state (${reply.units} of ${reply.numUnits} units)`), element("span", "", "it was"), element("span", "", "nats"));
    chain.replaceChildren(head, ...reply.nats.map((nats, t) => {
      const line = element("div", `step ${t < reply.given ? "" : "later"}`);
      line.append(element("span", "number", String(t)), strip(expected.subarray(28 * t, 28 * t + 28), 28, false, "row"),
        strip(heat.subarray(reply.units * t, reply.units * (t + 1)), reply.units, true, "heat"),
        strip(rows.subarray(28 * t, 28 * t + 28), 28, false, "row"), element("span", "number", nats.toFixed(1)));
      return line;
    }));
    drawn.replaceChildren(element("div", "title", `given the first ${reply.given} rows, it goes on`), pictures(completions, { columns: completions.length / 784 }));
    words.textContent = `${digits(reply.total, 1)} nats for the whole picture, exactly: the sum of the rows' prices. Each row is expected from the hidden state above it; orange units are positive, blue negative.`;
    root.dataset.given = String(reply.given);
    root.dataset.total = String(reply.total);
    root.dataset.drawn = Array.from(completions).reduce((sum, v) => sum + v, 0);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
