// Two plots over one axis: the function and its derivative. A point can be dragged along both.

function render({ model, el }) {
  const root = element("div", "figure activations");
  const setup = model.get("setup");
  let { name, range, x } = model.get("state");
  const controls = element("div", "controls");
  const names = choice("activation", setup.names, name, (value) => {
    name = value;
    talk.ask();
  });
  const ranges = choice("x up to", setup.ranges.map((r) => [r, `±${r}`]), range, (value) => {
    range = value;
    point.input.min = -range;
    point.input.max = range;
    point.input.step = range / 400;
    move(Math.max(-range, Math.min(range, x)));
  });
  const point = slider("x", { min: -range, max: range, step: range / 400, value: x }, (value) => move(value));
  controls.append(names.root, ranges.root, point.root);
  const plots = element("div", "plots");
  const value = makePlot({ title: "value", onDrag: (at) => move(at) });
  const slope = makePlot({ title: "derivative", onDrag: (at) => move(at) });
  plots.append(value.box, slope.box);
  const table = element("table");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, plots, table, words);
  el.append(root);

  function move(at) {
    x = at;
    point.set(x);
    talk.ask();
  }

  function show(reply) {
    const { xs, forms, at, lost } = reply;
    const lines = (key) => forms.map((form, i) => ({ class: i ? "thin" : "", ys: numeric(form[key]) }));
    value.heading.textContent = forms[0].title;
    value.draw({ xs, lines: lines("values"), point: [reply.x, numeric([at[0].value])[0]], bands: lost.value });
    slope.draw({ xs, lines: lines("slopes"), point: [reply.x, numeric([at[0].slope])[0]], bands: lost.slope });
    table.replaceChildren();
    const head = element("tr");
    for (const text of ["", `at x = ${digits(reply.x, 2)}`, "derivative"]) head.append(element("th", text ? "number" : "", text));
    table.append(head);
    at.forEach((row, i) => {
      const line = element("tr");
      line.append(element("td", "code", forms[i].title));
      for (const key of ["value", "slope"]) {
        const isLost = typeof row[key] === "string" || (key === "slope" && row[key] === 0 && row.flat);
        line.append(element("td", `number ${isLost ? "lost" : ""}`, digits(row[key], 6)));
      }
      table.append(line);
    });
    words.textContent = reply.words;
    root.dataset.name = name;
    root.dataset.value = String(at[0].value);
    root.dataset.slope = String(at[0].slope);
    root.dataset.naive = String(at.at(-1).value);
  }

  const talk = asking(model, root, () => ({ name, range, x }), show);
  talk.open();
  return talk.stop;
}

export default { render };
