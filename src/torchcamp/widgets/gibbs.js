// The picture where the chain is, the hidden units that it switches on, and its free energy step by
// step.

import { asking, running } from "./shared/ask.js";
import { pressable, toggle } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, percent, titled } from "./shared/dom.js";
import { paint, SIDE } from "./shared/paint.js";
import { paper } from "./shared/pen.js";
import { atLeastTwo, lastSteps, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

const UNITS_A_ROW = 25;

function render({ model, el }) {
  const root = figureRoot(el, "gibbs", "A Gibbs chain of an RBM");
  const say = sentences(model);
  let clamp = false;
  let soft = false;
  let drawn = null;
  const go = running(root, {
    caption: "Run",
    title: "Step after step, until stopped",
    frame: () => ({ do: "steps", steps: 1 }),
    ask: () => talk.ask(),
  });
  const begin = (from) => {
    drawn = null;
    go.order({ do: from });
  };
  const hold = toggle("hold the upper half", false, (on) => {
    clamp = on;
  });
  const undrawn = toggle("do not draw the hidden bits", false, (on) => {
    soft = on;
  });
  const controls = element("div", "controls");
  controls.append(
    go.button,
    pressable("One step", () => go.order({ do: "steps", steps: 1 })),
    pressable("Ten", () => go.order({ do: "steps", steps: 10 })),
    pressable("From noise", () => begin("noise")),
    hold.root,
    undrawn.root,
  );
  const sheet = paper("begin: draw here", {
    onChange: (pixels) => {
      drawn = pixels;
      go.order({ do: "draw" });
    },
    onExample: () => begin("example"),
  });
  const body = element("div", "side-by-side");
  const bits = element("canvas", "pixels big");
  const probs = element("canvas", "pixels big");
  const hidden = element("canvas", "pixels units");
  body.append(
    sheet.box,
    titled("", "where the chain is: bits", bits),
    titled("", "their probabilities", probs),
    titled("", "hidden units", hidden),
  );
  const plot = makePlot({ steps: true, width: 640, height: 170, title: say("energies") });
  const explanation = liveText();
  root.append(controls, body, plot.box, explanation);

  function show(reply, [bitBytes, probBytes, hiddenBytes]) {
    paint(bits, bitBytes, SIDE, SIDE, false);
    paint(probs, probBytes, SIDE, SIDE, false);
    const numRows = Math.ceil(reply.numHidden / UNITS_A_ROW);
    const units = new Uint8Array(UNITS_A_ROW * numRows);
    units.set(hiddenBytes);
    paint(hidden, units, UNITS_A_ROW, numRows, false);
    if (reply.fresh && drawn === null) sheet.set(bitBytes); // a drawing is ahead of its answer
    const [low, middle, high] = reply.typical;
    const ys = reply.energies;
    const xs = lastSteps(reply.numSteps, ys.length);
    plot.draw({
      xs,
      lines: [
        { ys: xs.map(() => low), class: "thin" },
        { ys: xs.map(() => high), class: "thin" },
        { ys: atLeastTwo(ys) },
      ],
      limits: [Math.min(low, ...ys) - 10, Math.max(high, ...ys) + 10],
    });
    const energy = ys.at(-1);
    const above = energy > high ? "unlikely" : "typical";
    explanation.textContent = say("progress", {
      steps: reply.numSteps,
      energy: digits(energy, 1),
      where: say(energy < low ? "likely" : above),
      middle: digits(middle, 1),
      on: percent(reply.hiddenOn),
      hidden: reply.numHidden,
    });
    root.dataset.steps = String(reply.numSteps);
    root.dataset.energy = String(energy);
    go.next();
  }

  const talk = asking(
    model,
    root,
    () => {
      const command = go.take();
      return { clamp, soft, steps: 1, ...command, pixels: command.do === "draw" ? drawn : null };
    },
    show,
  );
  talk.open();
  return talk.stop;
}

export default { render };
