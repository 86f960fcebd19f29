// Three boards: one logit (two classes), a row of logits (several classes), a prediction (a
// number).

import { asking, keeping } from "./shared/ask.js";
import { choice, slider } from "./shared/controls.js";
import {
  digits,
  dragging,
  element,
  figureRoot,
  liveText,
  numeric,
  tableRow,
} from "./shared/dom.js";
import { makePlot } from "./shared/plot.js";

const BOARDS = [
  ["logit", "two classes"],
  ["row", "several classes"],
  ["number", "a number"],
];
const REDUCTIONS = [
  ["mean", "mean"],
  ["sum", "sum"],
];
const BINARY = [
  [0, "class 0"],
  [1, "class 1"],
];

function render({ model, el }) {
  const root = figureRoot(el, "losses");
  const { classes } = model.get("setup");
  const state = structuredClone(model.get("state"));
  const keep = keeping(state, () => talk.ask());
  const controls = element("div", "controls");
  const boards = choice("", BOARDS, "logit", (value) => {
    state.board = value;
    arrange();
    talk.ask();
  });
  controls.append(boards.root);
  const inputs = element("div", "controls");
  const plots = element("div", "plots");
  const loss = makePlot({ title: "loss", onDrag: drag });
  const gradient = makePlot({ title: "gradient", onDrag: drag });
  const bars = element("div", "logit-bars");
  const table = element("table");
  const explanation = liveText();
  plots.append(loss.box, gradient.box);
  root.append(controls, inputs, plots, bars, table, explanation);

  const z = slider("logit z", { min: -30, max: 30, step: 0.1, value: state.z }, (value) => {
    state.z = value;
    showProbability();
    talk.ask();
  });
  const format = (v) => digits(v, 3);
  const share = { min: 0.001, max: 0.999, step: 0.001, value: 0.5, format };
  const p = slider("probability p", share, (value) => {
    state.z = Math.log(value / (1 - value));
    z.set(state.z.toFixed(1));
    talk.ask();
  });
  const showProbability = () => p.set(1 / (1 + Math.exp(-state.z)));
  const target = choice("the truth", BINARY, 0, keep("target"));
  const names = classes.map((each, i) => [i, each]);
  const label = choice("the truth", names, 0, keep("label"));
  const reduction = choice("over the batch", REDUCTIONS, "mean", keep("reduction"));
  const sizes = { min: 1, max: 32, step: 1, value: state.count };
  const count = slider("batch of", sizes, keep("count"));
  const values = { min: -10, max: 10, step: 0.1, value: state.prediction };
  const prediction = slider("prediction", values, keep("prediction"));
  const rows = classes.map((name, i) => {
    const line = element("div", "logit");
    const keepLogit = keeping(state.logits, () => talk.ask())(i);
    const range = { min: -8, max: 8, step: 0.1, value: state.logits[i] };
    const control = slider(name, { ...range, format: (v) => digits(v, 1) }, keepLogit);
    const bar = element("span", "bar");
    bar.title = "Drag the probability";
    // The logit that gives this probability, with the others as they are.
    dragging(bar, ([x]) => {
      const wanted = Math.min(0.995, Math.max(0.005, x));
      const weights = state.logits.map((each, k) => (k === i ? 0 : Math.exp(each)));
      const others = Math.log(weights.reduce((total, each) => total + each, 0));
      const logit = Math.min(8, Math.max(-8, others + Math.log(wanted / (1 - wanted))));
      control.set(logit.toFixed(1));
      keepLogit(logit);
    });
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
    const shown = {
      logit: [z, p, target],
      row: [label, reduction, count],
      number: [prediction, reduction, count],
    }[state.board];
    inputs.replaceChildren(...shown.map((each) => each.root));
    plots.hidden = state.board === "row";
    bars.hidden = state.board !== "row";
  }

  function showBars({ probs, gradients }) {
    const largest = Math.max(1e-9, ...gradients.map(Math.abs));
    rows.forEach(({ bar, probability, pull }, i) => {
      const slope = gradients[i];
      bar.style.setProperty("--p", probs[i]);
      probability.textContent = digits(probs[i], 3);
      pull.textContent = `gradient ${digits(slope, 3)}`;
      pull.className = `pull ${slope > 0 ? "down" : "up"}`;
      pull.style.setProperty("--strength", Math.abs(slope) / largest);
    });
  }

  function showCurves({ xs, at, curves, rows: [[, value, slope]], limits, slopeLimits }) {
    const draw = (plot, key, height, yLimits) => {
      const lines = curves.map((curve, i) => ({
        class: ["", "thin", "second"][i] ?? "thin",
        ys: numeric(curve[key]),
      }));
      plot.draw({ xs, lines, point: [at, numeric([height])[0]], limits: yLimits });
    };
    draw(loss, "values", value, limits);
    draw(gradient, "slopes", slope, slopeLimits);
  }

  function show(reply) {
    if (reply.board !== state.board) return;
    root.dataset.board = reply.board;
    explanation.textContent = reply.words;
    const head = reply.columns.map((text, i) => [text, i ? "number" : ""]);
    table.replaceChildren(tableRow("th", head));
    for (const [name, ...numbers] of reply.rows) {
      const cells = numbers.map((value) => {
        const isLost = typeof value === "string";
        return [digits(value, 4), `number ${isLost ? "lost" : ""}`];
      });
      table.append(tableRow("td", [[name, "code"], ...cells]));
    }
    root.dataset.rows = JSON.stringify(reply.rows);
    if (reply.board === "row") showBars(reply);
    else showCurves(reply);
  }

  const talk = asking(model, root, () => state, show);
  arrange();
  showProbability();
  talk.open();
  return talk.stop;
}

export default { render };
