// The picture where the chain is, the hidden units that it switches on, and its free energy step by step.

function render({ model, el }) {
  const root = element("div", "figure gibbs");
  root.setAttribute("aria-label", "A Gibbs chain of an RBM");
  let clamp = false, drawn = null;
  const play = pressable("Run", () => {}, "Step after step, until stopped");
  play.className = "go";
  const controls = element("div", "controls");
  controls.append(play, pressable("One step", () => go.order({ do: "steps", steps: 1 })), pressable("Ten", () => go.order({ do: "steps", steps: 10 })),
    pressable("From noise", () => begin("noise")), toggle("hold the upper half", false, (on) => { clamp = on; }).root);
  const sheet = paper("begin: draw here", { onChange: (pixels) => { drawn = pixels; go.order({ do: "draw" }); }, onExample: () => begin("example") });
  const begin = (from) => {
    drawn = null;
    go.order({ do: from });
  };
  const body = element("div", "side-by-side");
  const bits = element("canvas", "pixels big"), probs = element("canvas", "pixels big"), hidden = element("canvas", "pixels units");
  const box = (title, canvas) => {
    const node = element("div");
    node.append(element("div", "title", title), canvas);
    return node;
  };
  body.append(sheet.box, box("where the chain is: bits", bits), box("their probabilities", probs), box("hidden units", hidden));
  const plot = makePlot({ steps: true, width: 640, height: 170, title: "free energy of the picture; dashed: nine of ten test pictures lie between" });
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, plot.box, words);
  el.append(root);

  function show(reply, arrays) {
    paint(bits, arrays[0], 28, 28, false);
    paint(probs, arrays[1], 28, 28, false);
    const columns = 25, rows = Math.ceil(reply.numHidden / columns);
    const grid = new Uint8Array(columns * rows);
    grid.set(arrays[2]);
    paint(hidden, grid, columns, rows, false);
    if (reply.fresh && drawn === null) sheet.set(arrays[0]); // a drawing is ahead of its answer
    const [low, middle, high] = reply.typical;
    const ys = reply.energies, first = reply.numSteps - ys.length + 1;
    const xs = ys.length > 1 ? ys.map((_, i) => first + i) : [0, 1];
    plot.draw({ xs, lines: [{ ys: xs.map(() => low), class: "thin" }, { ys: xs.map(() => high), class: "thin" }, { ys: ys.length > 1 ? ys : [ys[0], ys[0]] }],
      limits: [Math.min(low, ...ys) - 10, Math.max(high, ...ys) + 10] });
    const energy = ys.at(-1);
    const where = energy < low ? "lower than almost any test picture: the model likes it better than the data" : energy > high
      ? "higher than almost any test picture: the model finds it unlikely" : "where test pictures lie";
    words.textContent = `${reply.numSteps} steps. Free energy ${digits(energy, 1)}, ${where} (their middle: ${digits(middle, 1)}). ${(100 * reply.hiddenOn).toFixed(0)} % of the ${reply.numHidden} hidden units are on.`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.energy = String(energy);
    go.next();
  }

  const talk = asking(model, root, () => {
    const command = go.take();
    return { clamp, steps: 1, ...command, pixels: command.do === "draw" ? drawn : null };
  }, show);
  const go = running(root, play, { words: "Run", frame: () => ({ do: "steps", steps: 1 }), ask: () => talk.ask() });
  talk.open();
  return talk.stop;
}

export default { render };
