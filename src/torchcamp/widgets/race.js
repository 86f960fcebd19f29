// Bars on a logarithmic scale: each measured when its race is chosen.

import { asking } from "./shared/ask.js";
import { pressable } from "./shared/controls.js";
import { bar, element, figureRoot, liveText } from "./shared/dom.js";

function duration(seconds) {
  if (seconds < 1e-3) return `${(1e6 * seconds).toPrecision(3)} µs`;
  if (seconds < 1) return `${(1e3 * seconds).toPrecision(3)} ms`;
  return `${seconds.toPrecision(3)} s`;
}

function render({ model, el }) {
  const root = figureRoot(el, "race", "Races on this machine");
  const setup = model.get("setup");
  let asked = "none";
  const controls = element("div", "controls");
  const buttons = setup.races.map(([key, title]) => {
    const button = pressable(title, () => {
      asked = key;
      const isSlow = key === "compile";
      explanation.textContent = isSlow ? "compiling: up to half a minute …" : "measuring …";
      talk.ask();
    });
    controls.append(button);
    return [key, button];
  });
  const bars = element("div", "bars");
  const explanation = liveText();
  const device = element("p", "caption");
  root.append(controls, bars, explanation, device);

  function show(reply) {
    const logs = reply.bars.map(({ seconds }) => Math.log10(seconds));
    const low = Math.floor(Math.min(...logs));
    const width = Math.max(0.5, Math.max(...logs) - low);
    const lines = reply.bars.map(({ kind, label, seconds, note }, n) => {
      const line = element("div", `line ${kind}`);
      line.append(
        element("span", "name", label),
        bar(Math.max(0.02, (logs[n] - low) / width), "fill"),
        element("span", "number", duration(seconds)),
        element("span", "note", note),
      );
      return line;
    });
    bars.replaceChildren(...lines);
    explanation.textContent = reply.words;
    device.textContent = reply.gpu;
    for (const [key, button] of buttons) {
      button.setAttribute("aria-pressed", String(key === reply.race));
    }
    root.dataset.race = reply.race;
    root.dataset.bars = String(reply.bars.length);
  }

  const talk = asking(model, root, () => ({ do: asked }), show);
  talk.open();
  return talk.stop;
}

export default { render };
