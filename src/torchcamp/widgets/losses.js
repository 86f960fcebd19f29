// Three boards: one logit (two classes), a row of logits (several classes), a prediction (a number).

function render({ model, el }) {
  const root = element("div", "figure losses");
  const { classes } = model.get("setup");
  const state = structuredClone(model.get("state"));
  const controls = element("div", "controls");
  controls.append(choice("", [["logit", "two classes"], ["row", "several classes"], ["number", "a number"]], "logit", (value) => {
    state.board = value;
    arrange();
    talk.ask();
  }).root);
  const inputs = element("div", "controls");
  const plots = element("div", "plots");
  const loss = makePlot({ title: "loss", onDrag: (at) => drag(at) });
  const gradient = makePlot({ title: "gradient", onDrag: (at) => drag(at) });
  const bars = element("div", "logit-bars");
  const table = element("table");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  plots.append(loss.box, gradient.box);
  root.append(controls, inputs, plots, bars, table, words);
  el.append(root);

  const z = slider("logit z", { min: -30, max: 30, step: 0.1, value: state.z }, (value) => {
    state.z = value;
    showProbability();
    talk.ask();
  });
  const p = slider("probability p", { min: 0.001, max: 0.999, step: 0.001, value: 0.5, format: (v) => digits(v, 3) }, (value) => {
    state.z = Math.log(value / (1 - value));
    z.set(state.z.toFixed(1));
    talk.ask();
  });
  const showProbability = () => p.set(1 / (1 + Math.exp(-state.z)));
  const target = choice("the truth", [[0, "class 0"], [1, "class 1"]], 0, (value) => {
    state.target = value;
    talk.ask();
  });
  const label = choice("the truth", classes.map((each, i) => [i, each]), 0, (value) => {
    state.label = value;
    talk.ask();
  });
  const reduction = choice("over the batch", [["mean", "mean"], ["sum", "sum"]], "mean", (value) => {
    state.reduction = value;
    talk.ask();
  });
  const count = slider("batch of", { min: 1, max: 32, step: 1, value: state.count, format: (v) => String(v) }, (value) => {
    state.count = value;
    talk.ask();
  });
  const prediction = slider("prediction", { min: -10, max: 10, step: 0.1, value: state.prediction }, (value) => {
    state.prediction = value;
    talk.ask();
  });
  const rows = classes.map((name, i) => {
    const line = element("div", "logit");
    const control = slider(name, { min: -8, max: 8, step: 0.1, value: state.logits[i], format: (v) => digits(v, 1) }, (value) => {
      state.logits[i] = value;
      talk.ask();
    });
    const bar = element("span", "bar");
    bar.title = "Drag the probability";
    // The logit that gives this probability, with the others as they are.
    const drag_ = (event) => {
      const area = bar.getBoundingClientRect();
      const share = Math.min(0.995, Math.max(0.005, (event.clientX - area.left) / area.width));
      const others = Math.log(state.logits.reduce((sum, each, k) => sum + (k === i ? 0 : Math.exp(each)), 0));
      state.logits[i] = Math.min(8, Math.max(-8, others + Math.log(share / (1 - share))));
      control.set(state.logits[i].toFixed(1));
      talk.ask();
    };
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      drag_(event);
      event.preventDefault();
    });
    bar.addEventListener("pointermove", (event) => { if (event.buttons) drag_(event); });
    const probability = element("output", "probability");
    const pull = element("output", "pull");
    line.append(control.root, bar, probability, pull);
    bars.append(line);
    return { bar, probability, pull };
  });

  function drag(at) {
    if (state.board === "logit") {
      state.z = at;
      z.set(at);
      showProbability();
    } else {
      state.prediction = at;
      prediction.set(at);
    }
    talk.ask();
  }

  function arrange() {
    inputs.replaceChildren(...{
      logit: [z.root, p.root, target.root],
      row: [label.root, reduction.root, count.root],
      number: [prediction.root, reduction.root, count.root],
    }[state.board]);
    plots.hidden = state.board === "row";
    bars.hidden = state.board !== "row";
  }

  function show(reply) {
    if (reply.board !== state.board) return;
    root.dataset.board = reply.board;
    words.textContent = reply.words;
    table.replaceChildren();
    const head = element("tr");
    reply.columns.forEach((text, i) => head.append(element("th", i ? "number" : "", text)));
    table.append(head);
    for (const row of reply.rows) {
      const line = element("tr");
      row.forEach((value, i) => line.append(element("td",
        i ? `number ${typeof value === "string" ? "lost" : ""}` : "code", i ? digits(value, 4) : value)));
      table.append(line);
    }
    root.dataset.rows = JSON.stringify(reply.rows);
    if (reply.board === "row") {
      const largest = Math.max(1e-9, ...reply.gradients.map(Math.abs));
      rows.forEach(({ bar, probability, pull }, i) => {
        bar.style.setProperty("--p", reply.probs[i]);
        probability.textContent = digits(reply.probs[i], 3);
        const g = reply.gradients[i];
        pull.textContent = `gradient ${digits(g, 3)}`;
        pull.className = `pull ${g > 0 ? "down" : "up"}`;
        pull.style.setProperty("--strength", Math.abs(g) / largest);
      });
      return;
    }
    const lines = (key) => reply.curves.map((curve, i) => ({ class: ["", "thin", "second"][i] ?? "thin", ys: numeric(curve[key]) }));
    loss.draw({ xs: reply.xs, lines: lines("values"), point: [reply.at, numeric([reply.rows[0][1]])[0]], limits: reply.limits });
    gradient.draw({ xs: reply.xs, lines: lines("slopes"), point: [reply.at, numeric([reply.rows[0][2]])[0]], limits: reply.slopeLimits });
  }

  const talk = asking(model, root, () => state, show);
  arrange();
  showProbability();
  talk.open();
  return talk.stop;
}

export default { render };
