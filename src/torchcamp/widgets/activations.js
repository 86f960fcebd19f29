// Two plots over one axis: the function and its derivative. A point can be dragged along both.

import { asking } from "./shared/ask.js";
import { choice, slider } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, numeric, tableRow } from "./shared/dom.js";
import { makePlot } from "./shared/plot.js";

function render({ model, el }) {
  const root = figureRoot(el, "activations");
  const setup = model.get("setup");
  let { name, range, x } = model.get("state");
  const controls = element("div", "controls");
  const names = choice("activation", setup.names, name, (chosen) => {
    name = chosen;
    talk.ask();
  });
  const widths = setup.ranges.map((r) => [r, `±${r}`]);
  const ranges = choice("x up to", widths, range, (chosen) => {
    range = chosen;
    point.input.min = -range;
    point.input.max = range;
    point.input.step = range / 400;
    move(Math.max(-range, Math.min(range, x)));
  });
  const point = slider("x", { min: -range, max: range, step: range / 400, value: x }, move);
  controls.append(names.root, ranges.root, point.root);
  const plots = element("div", "plots");
  const value = makePlot({ title: "value", onDrag: move });
  const slope = makePlot({ title: "derivative", onDrag: move });
  plots.append(value.box, slope.box);
  const table = element("table");
  const explanation = liveText();
  root.append(controls, plots, table, explanation);

  function move(at) {
    x = at;
    point.set(x);
    talk.ask();
  }

  function show(reply) {
    const { xs, forms, at, lost } = reply;
    const draw = (plot, lines, height, bands) => {
      const drawn = forms.map((form, i) => ({ class: i ? "thin" : "", ys: numeric(form[lines]) }));
      plot.draw({ xs, lines: drawn, point: [reply.x, numeric([height])[0]], bands });
    };
    value.heading.textContent = forms[0].title;
    draw(value, "values", at[0].value, lost.value);
    draw(slope, "slopes", at[0].slope, lost.slope);
    const head = ["", `at x = ${digits(reply.x, 2)}`, "derivative"];
    table.replaceChildren(
      tableRow(
        "th",
        head.map((text) => [text, text ? "number" : ""]),
      ),
    );
    at.forEach((row, i) => {
      const cells = ["value", "slope"].map((key) => {
        const isFlat = key === "slope" && row[key] === 0 && row.flat;
        const isLost = typeof row[key] === "string" || isFlat;
        return [digits(row[key], 6), `number ${isLost ? "lost" : ""}`];
      });
      table.append(tableRow("td", [[forms[i].title, "code"], ...cells]));
    });
    explanation.textContent = reply.words;
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
