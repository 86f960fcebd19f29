// Row by row: what is read, the hidden state after it, what is expected next. Below: how it would
// go on.

import { asking, keeping } from "./shared/ask.js";
import { pressable, slider } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, sum } from "./shared/dom.js";
import { NUM_PIXELS, painted, pictures, SIDE } from "./shared/paint.js";
import { paper } from "./shared/pen.js";
import { sentences } from "./shared/texts.js";

function render({ model, el }) {
  const label = "A recurrent network over the rows of a picture";
  const root = figureRoot(el, "unrolled", label);
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const rowsGiven = { min: 0, max: SIDE, step: 1, value: state.given };
  const temperatures = { min: 0.1, max: 2.5, step: 0.05, value: state.temperature };
  const controls = element("div", "controls");
  controls.append(
    slider("rows given", rowsGiven, keep("given")).root,
    slider("temperature", temperatures, keep("temperature")).root,
    pressable("Draw others", () => keep("seed")(state.seed + 1)),
  );
  const body = element("div", "side-by-side");
  const sheet = paper("read from top to bottom: draw", {
    onChange: keep("pixels"),
    onExample: () => {
      state.example += 1;
      keep("pixels")(null);
    },
  });
  const chain = element("div", "grow steps");
  body.append(sheet.box, chain);
  const drawn = element("div", "drawn");
  const explanation = liveText();
  root.append(controls, body, drawn, explanation);

  function headOf({ units, numUnits }) {
    const head = element("div", "step head");
    const hidden = `state (${units} of ${numUnits} units)`;
    for (const text of ["row", say("expected"), hidden, "it was", "nats"]) {
      head.append(element("span", "", text));
    }
    return head;
  }

  function show(reply, [rows, heat, expected, completions]) {
    if (state.pixels === null) sheet.set(rows); // a drawing is ahead of the answer
    const steps = reply.nats.map((nats, t) => {
      const part = (bytes, width, className, signed = false) =>
        painted(bytes.subarray(width * t, width * (t + 1)), width, 1, { signed, className });
      const line = element("div", `step ${t < reply.given ? "" : "later"}`);
      line.append(
        element("span", "number", String(t)),
        part(expected, SIDE, "row"),
        part(heat, reply.units, "heat", true),
        part(rows, SIDE, "row"),
        element("span", "number", nats.toFixed(1)),
      );
      return line;
    });
    chain.replaceChildren(headOf(reply), ...steps);
    drawn.replaceChildren(
      element("div", "title", `given the first ${reply.given} rows, it goes on`),
      pictures(completions, completions.length / NUM_PIXELS),
    );
    explanation.textContent = say("explanation", { total: digits(reply.total, 1) });
    root.dataset.given = String(reply.given);
    root.dataset.total = String(reply.total);
    root.dataset.drawn = sum(completions);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
