// The typed text, character by character, over its hidden states; what comes next; what it would
// write.

import { asking, keeping, running } from "./shared/ask.js";
import { pressable, slider } from "./shared/controls.js";
import { bar, digits, element, figureRoot, liveText, percent } from "./shared/dom.js";
import { painted } from "./shared/paint.js";
import { atLeastTwo, lastSteps, makePlot } from "./shared/plot.js";
import { sentences } from "./shared/texts.js";

function visible(character) {
  return { " ": "␣", "\n": "↵" }[character] ?? character;
}

// rows x columns bytes, turned: columns x rows.
function transposed(bytes, numRows, numColumns) {
  return bytes.map((_, i) => bytes[(i % numRows) * numColumns + Math.floor(i / numRows)]);
}

function render({ model, el }) {
  const root = figureRoot(el, "writing", "A small network that learns to write");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => go.order({ do: "look" }));
  const go = running(root, {
    caption: "Learn",
    title: "Steps of training, until stopped",
    frame: () => ({ do: "steps", steps: 4 }),
    ask: () => talk.ask(),
  });
  const temperatures = { min: 0.1, max: 2, step: 0.05, value: state.temperature };
  const controls = element("div", "controls");
  controls.append(
    go.button,
    go.restart,
    slider("temperature", temperatures, keep("temperature")).root,
    pressable("Write otherwise", () => keep("seed")(state.seed + 1)),
  );
  const field = element("input", "typed");
  field.type = "text";
  field.value = state.text;
  field.setAttribute("aria-label", "The beginning of a text");
  field.addEventListener("input", () => keep("text")(field.value));
  const heat = element("div", "heat");
  const body = element("div", "side-by-side");
  const next = element("div", "next");
  const written = element("div", "grow");
  const curve = makePlot({ steps: true, width: 300, height: 150, title: "nats per character" });
  curve.box.classList.add("curve");
  body.append(next, written, curve.box);
  const explanation = liveText();
  root.append(controls, field, heat, body, explanation);

  // One column a character: its hidden state below it.
  function drawHeat({ typed, units }, bytes) {
    const letters = element("div", "letters");
    for (const node of [letters, heat]) node.style.setProperty("--n", typed.length);
    for (const character of typed) letters.append(element("span", "", visible(character)));
    const turned = transposed(bytes, typed.length, units);
    heat.replaceChildren(letters, painted(turned, typed.length, units, { signed: true }));
  }

  function show(reply, [bytes]) {
    drawHeat(reply, bytes);
    const candidates = reply.next.map((character, n) => {
      const line = element("div", "line");
      line.append(
        element("span", "code", visible(character)),
        bar(reply.shares[n]),
        element("span", "number", percent(reply.shares[n])),
      );
      return line;
    });
    next.replaceChildren(element("div", "title", "what comes next"), ...candidates);
    const text = element("p", "text");
    text.append(element("b", "", reply.typed), reply.written);
    written.replaceChildren(element("div", "title", "and it writes"), text);
    const { losses, numSteps, guess } = reply;
    curve.draw({
      xs: lastSteps(numSteps, losses.length),
      lines: [{ ys: losses.length > 1 ? losses : atLeastTwo([guess]) }],
      limits: [0, guess * 1.05],
    });
    explanation.textContent = say("progress", {
      step: numSteps,
      loss: digits(reply.loss, 2),
      guess: digits(guess, 2),
    });
    root.dataset.steps = String(numSteps);
    root.dataset.loss = String(reply.loss);
    root.dataset.written = reply.written;
    go.next();
  }

  const talk = asking(model, root, () => ({ ...state, steps: 4, ...go.take() }), show);
  talk.open();
  return talk.stop;
}

export default { render };
