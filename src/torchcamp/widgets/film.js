// Forty pictures from the same noise, frame after frame; the slider goes back in time.

function render({ model, el }) {
  const root = element("div", "figure film");
  root.setAttribute("aria-label", "A generator of digits that learns");
  const MAX_FRAMES = 400;
  let frames = [], losses = [], shown = 0;
  const play = pressable("Learn", () => {}, "Steps of training, until stopped");
  play.className = "go";
  const controls = element("div", "controls");
  const time = slider("frame", { min: 0, max: 0, step: 1, value: 0, format: (v) => (frames[v] ? `step ${frames[v].step}` : "") }, (value) => {
    shown = value;
    draw();
  });
  time.input.style.width = "240px";
  controls.append(play, pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }), time.root);
  const body = element("div", "side-by-side");
  const screen = element("div", "grow screen");
  const curve = makePlot({ steps: true, width: 320, height: 200, title: "loss of D (orange), loss of G (blue)" });
  curve.box.classList.add("curve");
  body.append(screen, curve.box);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, words);
  el.append(root);

  function draw() {
    if (frames[shown]) screen.replaceChildren(pictures(frames[shown].bytes, { columns: 10 }));
  }

  function show(reply, [bytes]) {
    if (reply.fresh) [frames, losses] = [[], []];
    frames.push({ step: reply.numSteps, bytes });
    // Every second frame goes where there are too many: the film keeps its whole length.
    if (frames.length > MAX_FRAMES) frames = frames.filter((_, i) => i % 2 === 0 || i === frames.length - 1);
    losses = [...losses, ...reply.losses].slice(-600);
    shown = frames.length - 1;
    time.input.max = shown;
    time.set(shown);
    draw();
    const first = reply.numSteps - losses.length + 1;
    curve.box.hidden = losses.length < 2;
    if (losses.length > 1) curve.draw({ xs: losses.map((_, i) => first + i), lines: [{ ys: losses.map(() => 1.386), class: "thin" }, { ys: losses.map(([d]) => d) }, { ys: losses.map(([, g]) => g), class: "second" }], limits: [0, Math.min(8, Math.max(2, ...losses.flat()))] });
    words.textContent = `Step ${reply.numSteps}, ${frames.length} frame${frames.length > 1 ? "s" : ""}. Each place always gets the same noise, so what changes is what G has learnt. Drag the slider back to the fog it began with.`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.kept = String(frames.length);
    go.next();
  }

  const talk = asking(model, root, () => ({ steps: 4, ...go.take() }), show);
  const go = running(root, play, { words: "Learn", frame: () => ({ do: "steps", steps: 4 }), ask: () => talk.ask() });
  talk.open();
  return talk.stop;
}

export default { render };
