// A form in front of `torchcamp read`; its page stands below, in a frame of its own.

function render({ model, el }) {
  const root = element("div", "figure read-any");
  root.setAttribute("aria-label", "Read any PyTorch code");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const form = element("form", "form");
  const fields = {};
  for (const [key, label, hint] of [["target", "class or function", "model.py:Net"], ["inputs", "inputs", "2x1x28x28"], ["args", "arguments of the constructor", "hidden=64"]]) {
    const line = element("label");
    const input = element("input", "code");
    input.type = "text";
    input.placeholder = hint;
    input.value = state[key];
    input.spellcheck = false;
    fields[key] = input;
    line.append(element("span", "", label), input);
    form.append(line);
  }
  const read = element("button", "go", "Read");
  read.type = "submit";
  form.append(read);
  const go = () => {
    for (const key of Object.keys(fields)) state[key] = fields[key].value;
    words.textContent = "reading: some seconds …";
    talk.ask();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  const examples = element("div", "controls");
  examples.append(element("span", "caption", "for example"));
  for (const [target, inputs, args] of setup.examples) {
    examples.append(pressable(target.split(":").at(-1), () => {
      fields.target.value = target;
      fields.inputs.value = inputs;
      fields.args.value = args;
      go();
    }, target));
  }
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  const frame = element("iframe");
  frame.title = "The reading";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.hidden = true;
  root.append(form, examples, words, frame);
  el.append(root);

  function show(reply) {
    words.textContent = reply.words;
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
