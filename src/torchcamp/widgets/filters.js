// Twelve filters while they learn; log p of test pictures, exactly; annealing beside the exact log
// Z.

import { asking, running } from "./shared/ask.js";
import { logSlider, pressable } from "./shared/controls.js";
import { bar, digits, element, figureRoot, liveText, percent, tableRow } from "./shared/dom.js";
import { painted, SIDE } from "./shared/paint.js";
import { atLeastTwo, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

function render({ model, el }) {
  const root = figureRoot(el, "filters-figure", "A small RBM that learns");
  const say = sentences(model);
  const state = { rate: 10 ** -1.3, steps: 20 };
  const go = running(root, {
    caption: "Learn",
    title: "20 steps a frame, until stopped",
    frame: () => ({ do: "steps", steps: 20 }),
    ask: () => talk.ask(),
  });
  const annealing = "Estimate log Z with 10 to 1000 temperatures";
  const controls = element("div", "controls");
  controls.append(
    go.button,
    pressable("Anneal", () => go.order({ do: "anneal" }), annealing),
    go.restart,
    logSlider("rate", { min: -2.5, max: 0.5, value: state.rate }, (value) => {
      state.rate = value; // it holds from the next step on
    }).root,
  );
  const grid = element("div", "filters");
  const plots = element("div", "plots");
  const title = "log p of 200 test pictures, exact, nats";
  const curve = makePlot({ steps: true, width: 380, height: 190, title });
  const annealed = element("div", "annealed");
  plots.append(curve.box, annealed);
  const explanation = liveText();
  root.append(controls, grid, plots, explanation);

  function showEstimates({ estimates, logZ, numSteps }) {
    if (!estimates.length) {
      // Estimates of the model as it stands stay; those of an earlier one go.
      if (annealed.dataset.steps === String(numSteps)) return;
      const hint = element("p", "caption", say("annealing"));
      annealed.replaceChildren(element("div", "title", "annealing"), hint);
      return;
    }
    annealed.dataset.steps = numSteps;
    const table = element("table");
    const addRow = (tag, texts, className) => {
      const row = tableRow(
        tag,
        texts.map((text) => [text, "number"]),
      );
      if (className) row.className = className;
      table.append(row);
    };
    addRow("th", ["temperatures", "estimate of log Z", "off by"]);
    for (const [number, value, error] of estimates) {
      const estimate = `${digits(value, 2)} ± ${digits(error, 2)}`;
      addRow("td", [String(number), estimate, digits(value - logZ, 2)]);
    }
    addRow("td", ["exact", digits(logZ, 2), "0"], "exact");
    annealed.replaceChildren(element("div", "title", "annealing closes in"), table);
  }

  function show(reply, arrays) {
    const filters = arrays.map((bytes, n) => {
      const node = element("div", "filter");
      const often = bar(reply.on[n]);
      often.title = `on for ${percent(reply.on[n])} of the pictures`;
      node.append(painted(bytes, SIDE, SIDE, { signed: true }), often);
      return node;
    });
    grid.replaceChildren(...filters);
    const steps = reply.curve.map(([step]) => step);
    const ys = reply.curve.map(([, value]) => value);
    curve.draw({ xs: steps.length > 1 ? steps : [0, 1], lines: [{ ys: atLeastTwo(ys) }] });
    showEstimates(reply);
    const told = { step: reply.numSteps, logp: digits(ys.at(-1), 1) };
    explanation.textContent = say("progress", told);
    root.dataset.steps = String(reply.numSteps);
    root.dataset.logp = String(ys.at(-1));
    root.dataset.estimates = String(reply.estimates.length);
    go.next();
  }

  const talk = asking(model, root, () => ({ ...state, ...go.take() }), show);
  talk.open();
  return talk.stop;
}

export default { render };
