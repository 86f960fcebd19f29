// The typed text, character by character, over its hidden states; what comes next; what it would write.

function render({ model, el }) {
  const root = element("div", "figure writing");
  root.setAttribute("aria-label", "A small network that learns to write");
  const state = { ...model.get("state") };
  const play = pressable("Learn", () => {}, "Steps of training, until stopped");
  play.className = "go";
  const controls = element("div", "controls");
  controls.append(play, pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }), slider("temperature", { min: 0.1, max: 2, step: 0.05, value: state.temperature }, (value) => {
    state.temperature = value;
    go.order({ do: "look" });
  }).root, pressable("Write otherwise", () => {
    state.seed += 1;
    go.order({ do: "look" });
  }));
  const field = element("input", "typed");
  field.type = "text";
  field.value = state.text;
  field.setAttribute("aria-label", "The beginning of a text");
  field.addEventListener("input", () => {
    state.text = field.value;
    go.order({ do: "look" });
  });
  const heat = element("div", "heat");
  const body = element("div", "side-by-side");
  const next = element("div", "next"), written = element("div", "grow");
  const curve = makePlot({ steps: true, width: 300, height: 150, title: "nats per character" });
  curve.box.classList.add("curve");
  body.append(next, written, curve.box);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, field, heat, body, words);
  el.append(root);

  const visible = (character) => ({ " ": "␣", "\n": "↵" })[character] ?? character;

  function show(reply, [bytes]) {
    const length = reply.typed.length, units = reply.units;
    const turned = new Uint8Array(length * units);
    for (let t = 0; t < length; t++) for (let u = 0; u < units; u++) turned[u * length + t] = bytes[t * units + u];
    const canvas = element("canvas", "pixels");
    paint(canvas, turned, length, units, true);
    const letters = element("div", "letters");
    letters.style.setProperty("--n", length);
    [...reply.typed].forEach((c) => letters.append(element("span", "", visible(c))));
    heat.style.setProperty("--n", length);
    heat.replaceChildren(letters, canvas);
    next.replaceChildren(element("div", "title", "what comes next"), ...reply.next.map((character, n) => {
      const line = element("div", "line");
      const bar = element("span", "bar");
      bar.style.setProperty("--p", reply.shares[n]);
      line.append(element("span", "code", visible(character)), bar, element("span", "number", `${(100 * reply.shares[n]).toFixed(0)} %`));
      return line;
    }));
    const text = element("p", "text");
    text.append(element("b", "", reply.typed), document.createTextNode(reply.written));
    written.replaceChildren(element("div", "title", "and it writes"), text);
    const xs = reply.losses.length > 1 ? reply.losses.map((_, i) => reply.numSteps - reply.losses.length + 1 + i) : [0, 1];
    curve.draw({ xs, lines: [{ ys: reply.losses.length > 1 ? reply.losses : [reply.guess, reply.guess] }], limits: [0, reply.guess * 1.05] });
    words.textContent = `Step ${reply.numSteps}: ${digits(reply.loss, 2)} nats per character; guessing costs ${digits(reply.guess, 2)}. Each column is the hidden state after its character: orange above zero, blue below.`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.loss = String(reply.loss);
    root.dataset.written = reply.written;
    go.next();
  }

  const talk = asking(model, root, () => ({ ...state, steps: 4, ...go.take() }), show);
  const go = running(root, play, { words: "Learn", frame: () => ({ do: "steps", steps: 4 }), ask: () => talk.ask() });
  talk.open();
  return talk.stop;
}

export default { render };
