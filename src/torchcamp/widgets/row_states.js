// The picture, the same picture made of the rows that its states emit, and one state opened.

import { asking, keeping } from "./shared/ask.js";
import { slider } from "./shared/controls.js";
import {
  digits,
  element,
  figureRoot,
  liveText,
  percent,
  pointerShare,
  titled,
} from "./shared/dom.js";
import { paint, painted, SIDE } from "./shared/paint.js";
import { sentences } from "./shared/texts.js";

function strip(bytes) {
  return painted(bytes, SIDE, 1, { className: "strip" });
}

function render({ model, el }) {
  const root = figureRoot(el, "row-states", "A picture read row by row by a chain of states");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const keepRow = keep("row");
  const numbers = { min: 0, max: setup.pictures - 1, step: 1, value: 0 };
  const row = slider("row", { min: 0, max: SIDE - 1, step: 1, value: state.row }, keepRow);
  const controls = element("div", "controls");
  controls.append(slider("picture", numbers, keep("picture")).root, row.root);
  const body = element("div", "side-by-side");
  const seen = element("canvas", "pixels big");
  const made = element("canvas", "pixels big");
  const opened = element("div", "grow");
  const withMarker = (canvas) => {
    const frame = element("div", "frame");
    frame.append(canvas, element("div", "marker"));
    frame.dataset.bySlider = ""; // as the slider of the rows does
    frame.addEventListener("click", (event) => {
      const pressed = Math.floor(pointerShare(frame, event)[1] * SIDE);
      const inside = Math.min(SIDE - 1, Math.max(0, pressed));
      row.set(inside);
      keepRow(inside);
    });
    return frame;
  };
  body.append(
    titled("", "what it sees", withMarker(seen)),
    titled("", "what its states expect", withMarker(made)),
    opened,
  );
  const explanation = liveText();
  root.append(controls, body, explanation);

  function show(reply, [picture, path, here, next]) {
    paint(seen, picture, SIDE, SIDE, false);
    paint(made, path, SIDE, SIDE, false);
    root.style.setProperty("--row", reply.row);
    const states = { row: reply.row, state: reply.state, states: reply.numStates };
    const following = reply.nextStates.map((number, n) => {
      const line = element("div", "next");
      line.append(
        element("span", "number", percent(reply.next[n])),
        strip(next.subarray(SIDE * n, SIDE * (n + 1))),
        element("span", "", `state ${number}`),
      );
      return line;
    });
    opened.replaceChildren(
      element("div", "title", say("state", states)),
      strip(here),
      element("div", "title then", say("then")),
      ...following,
    );
    const told = {
      label: reply.label,
      nats: digits(reply.nats, 1),
      joint: digits(reply.joint, 1),
    };
    explanation.textContent = say("explanation", told);
    root.dataset.state = String(reply.state);
    root.dataset.nats = String(reply.nats);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
