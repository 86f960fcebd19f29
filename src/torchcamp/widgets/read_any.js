// A form in front of `torchcamp read`; its page stands below, in a frame of its own.

import { asking } from "./shared/ask.js";
import { pressable } from "./shared/controls.js";
import { element, figureRoot, liveText } from "./shared/dom.js";

// key, label, and what may stand there
const FIELDS = [
  ["target", "class or function", "model.py:Net"],
  ["inputs", "inputs", "2x1x28x28"],
  ["args", "arguments of the constructor", "hidden=64"],
];

function render({ model, el }) {
  const root = figureRoot(el, "read-any", "Read any PyTorch code");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const form = element("form", "form");
  const inputs = {};
  for (const [key, label, placeholder] of FIELDS) {
    const line = element("label");
    const input = element("input", "code");
    Object.assign(input, { type: "text", placeholder, value: state[key], spellcheck: false });
    inputs[key] = input;
    line.append(element("span", "", label), input);
    form.append(line);
  }
  const read = element("button", "go", "Read");
  read.type = "submit";
  form.append(read);
  const go = () => {
    for (const [key] of FIELDS) state[key] = inputs[key].value;
    explanation.textContent = "reading: some seconds …";
    talk.ask();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  const examples = element("div", "controls");
  examples.append(element("span", "caption", "for example"));
  for (const example of setup.examples) {
    const [target] = example;
    const fillIn = () => {
      FIELDS.forEach(([key], n) => {
        inputs[key].value = example[n];
      });
      go();
    };
    examples.append(pressable(target.split(":").at(-1), fillIn, target));
  }
  const explanation = liveText();
  const frame = element("iframe");
  frame.title = "The reading";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.hidden = true;
  root.append(form, examples, explanation, frame);

  function show(reply) {
    explanation.textContent = reply.words;
    frame.hidden = !reply.page;
    if (reply.page) frame.srcdoc = reply.page;
    root.dataset.target = reply.target;
    root.dataset.page = String(Boolean(reply.page));
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
