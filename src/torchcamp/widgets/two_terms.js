// Left the codes with their spread, in the middle what each place decodes to, right the two terms.

import { asking, running } from "./shared/ask.js";
import { slider } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, titled } from "./shared/dom.js";
import { circle, classColour, pictures } from "./shared/paint.js";
import { atLeastTwo, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

const EXTENT = 4; // of the map of codes, from its middle
const LEAST = -2; // the slider's lowest place stands for a weight of zero

function weightAt(exponent) {
  return exponent <= LEAST ? 0 : 10 ** exponent;
}

function render({ model, el }) {
  const root = figureRoot(el, "two-terms", "A small VAE: reconstruction against KL");
  const say = sentences(model);
  let exponent = 0;
  const go = running(root, {
    caption: "Learn",
    title: "5 steps a frame, until stopped",
    frame: () => ({ do: "steps", steps: 5 }),
    ask: () => talk.ask(),
  });
  const format = (v) => (weightAt(v) ? weightAt(v).toPrecision(2) : "0");
  const range = { min: LEAST, max: 2, step: 0.1, value: exponent, format };
  const weight = slider("weight of the KL", range, (value) => {
    exponent = value; // it holds from the next step on
  });
  const controls = element("div", "controls");
  controls.append(go.button, go.restart, weight.root);
  const map = element("canvas", "field");
  const grid = element("div");
  map.width = map.height = 260;
  const title = "reconstruction (orange) and KL (blue), nats";
  const curve = makePlot({ steps: true, width: 330, height: 230, title });
  const body = element("div", "side-by-side");
  body.append(
    titled("", "codes of 300 test pictures, ±1 σ", map),
    titled("", "codes from -2 to 2, decoded", grid),
    curve.box,
  );
  const explanation = liveText();
  root.append(controls, body, explanation);

  function drawMap({ points, labels, stds }) {
    const context = map.getContext("2d");
    const scale = map.width / (2 * EXTENT);
    const middle = [map.width / 2, map.height / 2];
    context.clearRect(0, 0, map.width, map.height);
    context.strokeStyle = getComputedStyle(root).color;
    context.globalAlpha = 0.35;
    for (const radius of [1, 2]) {
      circle(context, middle, radius * scale);
      context.stroke();
    }
    points.forEach(([x, y], i) => {
      const place = [middle[0] + x * scale, middle[1] - y * scale];
      const [width, height] = stds[i].map((std) => std * scale);
      context.fillStyle = classColour(labels[i]);
      context.globalAlpha = 0.14;
      context.beginPath();
      context.ellipse(...place, width, height, 0, 0, 7);
      context.fill();
      context.globalAlpha = 0.9;
      circle(context, place, 1.8);
      context.fill();
    });
    context.globalAlpha = 1;
  }

  function show(reply, [decoded]) {
    drawMap(reply);
    grid.replaceChildren(pictures(decoded, reply.grid));
    const steps = reply.curve.map(([step]) => step);
    const reconstructions = reply.curve.map((row) => row[1]);
    const kls = reply.curve.map((row) => row[2]);
    curve.draw({
      xs: steps.length > 1 ? steps : [0, 1],
      lines: [{ ys: atLeastTwo(reconstructions) }, { ys: atLeastTwo(kls), class: "second" }],
      limits: [0, Math.max(...reconstructions) * 1.05],
    });
    const [reconstruction, kl] = [reconstructions.at(-1), kls.at(-1)];
    const terms = {
      step: reply.numSteps,
      reconstruction: digits(reconstruction, 1),
      kl: digits(kl, 2),
      total: digits(reconstruction + kl, 1),
    };
    const unlessZero = exponent > 0.9 ? "heavy" : "rings";
    const effect = say(weightAt(exponent) ? unlessZero : "zero");
    explanation.textContent = `${say("progress", terms)} ${effect}`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.kl = String(kl);
    root.dataset.reconstruction = String(reconstruction);
    go.next();
  }

  const toAsk = () => ({ weight: weightAt(exponent), steps: 5, ...go.take() });
  const talk = asking(model, root, toAsk, show);
  talk.open();
  return talk.stop;
}

export default { render };
