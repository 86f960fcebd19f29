// A form in front of a command of torchcamp; its page stands below, in a frame of its own.

import { asking } from "./shared/ask.js";
import { pressable } from "./shared/controls.js";
import { element, figureRoot, liveText } from "./shared/dom.js";

function render({ model, el }) {
  const setup = model.get("setup");
  const root = figureRoot(el, `page-form ${setup.name}`, setup.label);
  const state = { ...model.get("state") };
  const form = element("form", "form");
  const inputs = {};
  for (const [key, label, placeholder] of setup.fields) {
    const line = element("label");
    const input = element("input", "code");
    Object.assign(input, { type: "text", placeholder, value: state[key], spellcheck: false });
    inputs[key] = input;
    line.append(element("span", "", label), input);
    form.append(line);
  }
  const submit = element("button", "go", setup.button);
  submit.type = "submit";
  form.append(submit);
  const go = () => {
    for (const [key] of setup.fields) state[key] = inputs[key].value;
    explanation.textContent = setup.busy;
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
      setup.fields.forEach(([key], n) => {
        inputs[key].value = example[n];
      });
      go();
    };
    examples.append(pressable(target.split(":").at(-1), fillIn, target));
  }
  const explanation = liveText();
  const frame = element("iframe");
  frame.title = setup.label;
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
