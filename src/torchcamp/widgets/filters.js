// Twelve filters while they learn; log p of test pictures, exactly; annealing beside the exact log Z.

function render({ model, el }) {
  const root = element("div", "figure filters-figure");
  root.setAttribute("aria-label", "A small RBM that learns");
  let rate = -1.3;
  const play = pressable("Learn", () => {}, "20 steps a frame, until stopped");
  play.className = "go";
  const controls = element("div", "controls");
  controls.append(play, pressable("Anneal", () => go.order({ do: "anneal" }), "Estimate log Z with 10 to 1000 temperatures"), pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }), slider("rate", { min: -2.5, max: 0.5, step: 0.05, value: rate, format: (v) => (10 ** v).toPrecision(2) }, (value) => { rate = value; }).root);
  const grid = element("div", "filters");
  const plots = element("div", "plots");
  const curve = makePlot({ steps: true, width: 380, height: 190, title: "log p of 200 test pictures, exact, nats" });
  const annealed = element("div", "annealed");
  plots.append(curve.box, annealed);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, grid, plots, words);
  el.append(root);

  function showEstimates(reply) {
    if (!reply.estimates.length) {
      if (!annealed.children.length || reply.numSteps !== Number(annealed.dataset.steps)) {
        annealed.replaceChildren(element("div", "title", "annealing"), element("p", "caption", "Press Anneal: chains walk from a model whose Z is known to this one, in more and more steps."));
      }
      return;
    }
    annealed.dataset.steps = reply.numSteps;
    const table = element("table");
    const head = element("tr");
    for (const text of ["temperatures", "estimate of log Z", "off by"]) head.append(element("th", "number", text));
    table.append(head);
    for (const [number, value, error] of reply.estimates) {
      const row = element("tr");
      row.append(element("td", "number", String(number)), element("td", "number", `${digits(value, 2)} ± ${digits(error, 2)}`), element("td", "number", digits(value - reply.logZ, 2)));
      table.append(row);
    }
    const row = element("tr", "exact");
    row.append(element("td", "number", "exact"), element("td", "number", digits(reply.logZ, 2)), element("td", "number", "0"));
    table.append(row);
    annealed.replaceChildren(element("div", "title", "annealing closes in"), table);
  }

  function show(reply, arrays) {
    grid.replaceChildren(...arrays.map((bytes, n) => {
      const node = element("div", "filter");
      const canvas = element("canvas", "pixels");
      paint(canvas, bytes, 28, 28, true);
      const bar = element("span", "bar");
      bar.style.setProperty("--p", reply.on[n]);
      bar.title = `on for ${(100 * reply.on[n]).toFixed(0)} % of the pictures`;
      node.append(canvas, bar);
      return node;
    }));
    const xs = reply.curve.map(([step]) => step), ys = reply.curve.map(([, value]) => value);
    curve.draw(xs.length > 1 ? { xs, lines: [{ ys }] } : { xs: [0, 1], lines: [{ ys: [ys[0], ys[0]] }] });
    showEstimates(reply);
    words.textContent = `After ${reply.numSteps} steps: log p = ${digits(ys.at(-1), 1)} nats a picture, by summing over all 4,096 states of the 12 hidden units. Orange: a white pixel switches the unit on; blue: off. Bars: how often it is on.`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.logp = String(ys.at(-1));
    root.dataset.estimates = String(reply.estimates.length);
    go.next();
  }

  const talk = asking(model, root, () => ({ rate: 10 ** rate, steps: 20, ...go.take() }), show);
  const go = running(root, play, { words: "Learn", frame: () => ({ do: "steps", steps: 20 }), ask: () => talk.ask() });
  talk.open();
  return talk.stop;
}

export default { render };
