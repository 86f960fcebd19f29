// The plane: background D, green real points, orange fakes and where they are pulled. Right: both
// losses.

import { asking, running } from "./shared/ask.js";
import {
  choice,
  faultToggles,
  logSlider,
  pressable,
  shortcuts,
  toggle,
} from "./shared/controls.js";
import { digits, element, figureRoot, liveText } from "./shared/dom.js";
import { circle, paintPlane } from "./shared/paint.js";
import { pen } from "./shared/pen.js";
import { drawPlayers, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

const EXTENT = 2.4; // of the plane, from its middle
const LOSSES = "loss of D (orange), loss of G (blue)";
const EXPLAINED_FAULTS = ["asleep", "ahead", "saturated", "undetached"];

// Numbers of 32 bits from bytes, which may begin anywhere.
function floats(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

function render({ model, el }) {
  const label = "Two players in the plane; space starts and stops, s steps";
  const root = figureRoot(el, "game", label);
  const setup = model.get("setup");
  const settings = structuredClone(model.get("state"));
  const say = sentences(model);
  const look = () => go.order({ do: "look" });
  let losses = [];
  let showPull = true;
  let asked = 0;

  const go = running(root, {
    caption: "Play",
    title: "Both players in turns, until stopped (space)",
    frame: () => ({ do: "steps", steps: 3 }),
    ask: () => talk.ask(),
    onStop,
  });
  const oneStep = () => go.order({ do: "steps", steps: 1 });
  const step = pressable("One step", oneStep, "One step of D, one of G (s)");
  shortcuts(root, { " ": go.button, s: step });
  const data = choice("data", setup.data, settings.data, (value) => {
    settings.data = value;
    settings.own = [];
    losses = [];
    go.order({ do: "reset" });
  });
  const controls = element("div", "controls");
  controls.append(go.button, step, go.restart, data.root);
  const more = element("div", "controls");
  for (const [key, title] of [
    ["gRate", "rate of G"],
    ["dRate", "rate of D"],
  ]) {
    const rate = logSlider(title, { min: -4, max: -1, value: settings[key] }, (value) => {
      settings[key] = value;
      look();
    });
    more.append(rate.root);
  }
  const pull = toggle("gradients on the fakes", true, (on) => {
    showPull = on;
    look();
  });
  more.append(pull.root);
  const faults = faultToggles(setup.faults, settings, look);
  const body = element("div", "side-by-side");
  const field = element("canvas", "field");
  field.width = field.height = 400;
  const left = element("div");
  left.append(field, element("div", "caption", say("legend")));
  const curve = makePlot({ steps: true, width: 340, height: 220, title: LOSSES });
  const right = element("div", "grow");
  right.append(curve.box);
  body.append(left, right);
  const explanation = liveText();
  root.append(controls, more, faults, body, explanation);

  pen(field, "The plane; with your own data, draw points here", (x, y) => {
    if (settings.data !== "own") return;
    const point = [(2 * x - 1) * EXTENT, (1 - 2 * y) * EXTENT];
    settings.own = [...settings.own, point].slice(-400);
    look();
  });

  function drawField(side, [probs, fakeBytes, pullBytes, realBytes]) {
    const context = paintPlane(field, probs, side, 0.06);
    const toField = (x, y) => [
      ((x + EXTENT) / (2 * EXTENT)) * field.width,
      ((EXTENT - y) / (2 * EXTENT)) * field.height,
    ];
    const drawDots = (points, colour) => {
      context.fillStyle = colour;
      for (let i = 0; i < points.length; i += 2) {
        circle(context, toField(points[i], points[i + 1]), 2.6);
        context.fill();
      }
    };
    const [fakes, pulls] = [floats(fakeBytes), floats(pullBytes)];
    drawDots(floats(realBytes), "#15803d");
    if (showPull) {
      context.strokeStyle = "rgba(120,60,20,.75)";
      context.lineWidth = 1;
      context.beginPath();
      for (let i = 0; i < fakes.length; i += 2) {
        const [x, y] = toField(fakes[i], fakes[i + 1]);
        const length = Math.hypot(pulls[i], pulls[i + 1]) || 1;
        const reach = Math.min(26, 22 * length);
        context.moveTo(x, y);
        context.lineTo(x + (reach * pulls[i]) / length, y - (reach * pulls[i + 1]) / length);
      }
      context.stroke();
    }
    drawDots(fakes, "#7c2d12");
  }

  function explain({ empty, numSteps, covered, caught, pull: pulled }) {
    if (empty) return say("empty");
    const told = [say("step", { step: numSteps })];
    told.push(say("pull", { caught: Math.round(100 * caught), pull: digits(pulled, 3) }));
    if (covered !== null) told.push(say("covered", { covered }));
    told.push(say("guessing"));
    for (const fault of EXPLAINED_FAULTS) {
      if (settings.faults.includes(fault)) told.push(say(fault));
    }
    return told.join(" ");
  }

  function show(reply, arrays) {
    losses = reply.fresh ? [...reply.losses] : [...losses, ...reply.losses].slice(-400);
    drawField(reply.side, arrays);
    field.tabIndex = settings.data === "own" ? 0 : -1; // elsewhere there is nothing to draw
    drawPlayers(curve, losses, reply.numSteps);
    explanation.textContent = explain(reply);
    root.dataset.steps = String(reply.numSteps);
    root.dataset.covered = String(reply.covered ?? "");
    root.dataset.pull = String(reply.pull);
    root.dataset.losses = String(losses.length);
    if (asked) root.dataset.stopped = (performance.now() - asked).toFixed(1);
    asked = 0;
    go.next();
  }

  // How long the last answer takes after Stop: nothing where none is under way.
  function onStop() {
    root.dataset.stopped = "0";
    asked = talk.isWaiting() ? performance.now() : 0;
  }

  const talk = asking(model, root, () => ({ ...settings, steps: 3, ...go.take() }), show);
  talk.open();
  talk.ask(); // the kernel may have gone on since: a page that is opened again shows it
  return talk.stop;
}

export default { render };
