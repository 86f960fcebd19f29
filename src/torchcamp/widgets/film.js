// Forty pictures from the same noise, frame after frame; the slider goes back in time.

import { asking, running } from "./shared/ask.js";
import { slider } from "./shared/controls.js";
import { element, figureRoot, liveText } from "./shared/dom.js";
import { pictures } from "./shared/paint.js";
import { drawPlayers, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

const MAX_FRAMES = 400;
const LOSSES = "loss of D (orange), loss of G (blue)";

function render({ model, el }) {
  const root = figureRoot(el, "film", "A generator of digits that learns");
  const say = sentences(model);
  let frames = [];
  let losses = [];
  let shown = 0;
  const go = running(root, {
    caption: "Learn",
    title: "Steps of training, until stopped",
    frame: () => ({ do: "steps", steps: 4 }),
    ask: () => talk.ask(),
  });
  const format = (n) => (frames[n] ? `step ${frames[n].step}` : "");
  const time = slider("frame", { min: 0, max: 0, step: 1, value: 0, format }, (value) => {
    shown = value;
    draw();
  });
  time.input.style.width = "240px";
  const controls = element("div", "controls");
  controls.append(go.button, go.restart, time.root);
  const body = element("div", "side-by-side");
  const screen = element("div", "grow screen");
  const curve = makePlot({ steps: true, width: 320, height: 200, title: LOSSES });
  curve.box.classList.add("curve");
  body.append(screen, curve.box);
  const explanation = liveText();
  root.append(controls, body, explanation);

  function draw() {
    if (frames[shown]) screen.replaceChildren(pictures(frames[shown].bytes, 10));
  }

  function show(reply, [bytes]) {
    if (reply.fresh) [frames, losses, shown] = [[], [], 0];
    const follows = shown >= frames.length - 1; // whoever has gone back in time stays there
    frames.push({ step: reply.numSteps, bytes });
    // Every second frame goes where there are too many: the film keeps its whole length.
    if (frames.length > MAX_FRAMES) {
      frames = frames.filter((_, i) => i % 2 === 0 || i === frames.length - 1);
      shown = Math.floor(shown / 2);
    }
    losses = [...losses, ...reply.losses].slice(-600);
    if (follows) shown = frames.length - 1;
    time.input.max = frames.length - 1;
    time.set(shown);
    draw();
    curve.box.hidden = losses.length < 2;
    if (losses.length > 1) drawPlayers(curve, losses, reply.numSteps);
    const counted = `${frames.length} frame${frames.length > 1 ? "s" : ""}`;
    explanation.textContent = say("progress", { step: reply.numSteps, frames: counted });
    root.dataset.steps = String(reply.numSteps);
    root.dataset.kept = String(frames.length);
    go.next();
  }

  const talk = asking(model, root, () => ({ steps: 4, ...go.take() }), show);
  talk.open();
  return talk.stop;
}

export default { render };
