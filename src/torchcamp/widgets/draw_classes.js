// Rows are classes, columns are noises; below, what was asked for. A red frame: the judge takes it
// for another class.

import { asking, keeping } from "./shared/ask.js";
import { pressable, slider } from "./shared/controls.js";
import { bar, element, figureRoot, liveText, percent, sum } from "./shared/dom.js";
import { NUM_PIXELS, pictures } from "./shared/paint.js";
import { sentences } from "./shared/texts.js";

// A line of text to type the digits in.
function digitsField(digits, onInput) {
  const input = element("input", "code");
  input.type = "text";
  input.value = digits;
  input.maxLength = 12;
  input.setAttribute("aria-label", "Digits to draw");
  input.addEventListener("input", () => onInput(input.value));
  const label = element("label", "slider");
  label.append(element("span", "", "draw me"), input);
  return label;
}

function render({ model, el }) {
  const root = figureRoot(el, "draw-classes", "Pictures of a generator");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const controls = element("div", "controls");
  const walk = { min: 0, max: 1, step: 0.02, value: 0 };
  controls.append(
    pressable("Other noise", () => keep("seed")(state.seed + 1)),
    slider("walk through the noise", walk, keep("walk")).root,
  );
  if (setup.conditional) controls.append(digitsField(state.asked, keep("asked")));
  const asked = element("div", "asked");
  const body = element("div", "side-by-side");
  const grid = element("div", "grow grid");
  const side = element("div", "side");
  body.append(grid, side);
  const explanation = liveText();
  root.append(controls, asked, body, explanation);

  function drawGrid(reply, bytes) {
    const columns = setup.conditional ? reply.columns : 10;
    const table = pictures(bytes, columns);
    [...table.children].forEach((cell, n) => {
      const judged = `the judge says ${setup.names[reply.found[n]]}, ${percent(reply.sure[n])}`;
      const meant = Math.floor(n / columns);
      cell.title = setup.conditional ? `asked for ${setup.names[meant]}; ${judged}` : judged;
      cell.classList.toggle("other", setup.conditional && reply.found[n] !== meant);
    });
    const title = setup.conditional ? say("grid") : "fifty draws";
    grid.replaceChildren(element("div", "title", title), table);
  }

  function showAgreement(reply, numPictures) {
    side.replaceChildren(
      element("div", "title", "label agreement"),
      element("div", "large", `${(100 * reply.agreement).toFixed(1)} %`),
      element("div", "caption", say("agreement", { pictures: numPictures })),
    );
  }

  function showCounts({ counts }) {
    const lines = counts.map((count, n) => {
      const line = element("div", "line");
      const name = element("span", "code", setup.names[n]);
      const number = element("span", "number", String(count));
      line.append(name, bar(count / Math.max(...counts)), number);
      return line;
    });
    side.replaceChildren(element("div", "title", "which digits it draws"), ...lines);
  }

  function showAsked(wanted) {
    const number = wanted.length / NUM_PIXELS;
    asked.style.width = `${Math.max(1, number) * 62}px`;
    const hint = element("span", "caption", "type digits");
    asked.replaceChildren(number ? pictures(wanted, Math.max(4, number)) : hint);
  }

  function show(reply, [bytes, wanted]) {
    drawGrid(reply, bytes);
    if (setup.conditional) {
      showAgreement(reply, bytes.length / NUM_PIXELS);
      showAsked(wanted);
    } else {
      showCounts(reply);
    }
    explanation.textContent = say(setup.conditional ? "conditional" : "unconditional");
    root.dataset.agreement = String(reply.agreement ?? "");
    root.dataset.asked = reply.asked.join("");
    root.dataset.found = reply.found.join("");
    root.dataset.ink = sum(bytes);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
