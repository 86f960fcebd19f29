// The plane: background D, green real points, orange fakes and where they are pulled. Right: both losses.

function render({ model, el }) {
  const root = element("div", "figure game");
  root.tabIndex = 0;
  root.setAttribute("aria-label", "Two players in the plane; space starts and stops, s steps");
  const setup = model.get("setup");
  const settings = structuredClone(model.get("state"));
  let losses = [], showPull = true, asked = 0;

  const play = pressable("Play", () => {}, "Both players in turns, until stopped (space)");
  play.className = "go";
  const step = pressable("One step", () => go.order({ do: "steps", steps: 1 }), "One step of D, one of G (s)");
  const controls = element("div", "controls");
  controls.append(play, step, pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }), choice("data", setup.data, settings.data, (value) => {
    settings.data = value;
    settings.own = [];
    losses = [];
    go.order({ do: "reset" });
  }).root);
  const more = element("div", "controls");
  for (const [key, words] of [["gRate", "rate of G"], ["dRate", "rate of D"]]) {
    more.append(slider(words, { min: -4, max: -1, step: 0.05, value: Math.log10(settings[key]), format: (v) => (10 ** v).toPrecision(2) }, (value) => {
      settings[key] = 10 ** value;
      go.order({ do: "look" });
    }).root);
  }
  more.append(toggle("gradients on the fakes", true, (on) => {
    showPull = on;
    go.order({ do: "look" });
  }).root);
  const faults = element("div", "controls");
  faults.append(element("span", "label", "break it:"));
  for (const [key, title] of setup.faults) {
    faults.append(toggle(title, false, (on) => {
      settings.faults = on ? [...settings.faults, key] : settings.faults.filter((each) => each !== key);
      go.order({ do: "look" });
    }).root);
  }
  const body = element("div", "side-by-side");
  const field = element("canvas", "field");
  field.width = field.height = 400;
  const left = element("div");
  left.append(field, element("div", "caption", "background: D says real (orange) or fake (blue); green: real; dark: fakes"));
  const curve = makePlot({ steps: true, width: 340, height: 220, title: "loss of D (orange), loss of G (blue)" });
  const right = element("div", "grow");
  right.append(curve.box);
  body.append(left, right);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, more, faults, body, words);
  el.append(root);

  root.addEventListener("keydown", (event) => {
    if (event.target !== root) return;
    const pressed = { " ": play, s: step }[event.key];
    if (!pressed) return;
    pressed.click();
    event.preventDefault();
  });

  const extent = 2.4;
  pen(field, "The plane; with your own data, draw points here", (x, y) => {
    if (settings.data !== "own") return;
    settings.own = [...settings.own, [(2 * x - 1) * extent, (1 - 2 * y) * extent]].slice(-400);
    go.order({ do: "look" });
  });

  const floats = (bytes) => new Float32Array(bytes.slice().buffer);

  function drawField(reply, arrays) {
    const context = paintPlane(field, arrays[0], reply.side, 0.06);
    const at = (x, y) => [(x + extent) / (2 * extent) * field.width, (extent - y) / (2 * extent) * field.height];
    const dots = (points, colour, radius) => {
      context.fillStyle = colour;
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = at(points[i], points[i + 1]);
        context.beginPath();
        context.arc(x, y, radius, 0, 7);
        context.fill();
      }
    };
    dots(floats(arrays[3]), "#15803d", 2.6);
    const fakes = floats(arrays[1]), pull = floats(arrays[2]);
    if (showPull) {
      context.strokeStyle = "rgba(120,60,20,.75)";
      context.lineWidth = 1;
      context.beginPath();
      for (let i = 0; i < fakes.length; i += 2) {
        const [x, y] = at(fakes[i], fakes[i + 1]);
        const length = Math.hypot(pull[i], pull[i + 1]) || 1, reach = Math.min(26, 22 * length);
        context.moveTo(x, y);
        context.lineTo(x + reach * pull[i] / length, y - reach * pull[i + 1] / length);
      }
      context.stroke();
    }
    dots(fakes, "#7c2d12", 2.6);
  }

  function show(reply, arrays) {
    losses = reply.fresh ? [...reply.losses] : [...losses, ...reply.losses].slice(-400);
    drawField(reply, arrays);
    field.tabIndex = settings.data === "own" ? 0 : -1; // elsewhere there is nothing to draw
    const first = reply.numSteps - losses.length + 1;
    const d = numeric(losses.map(([value]) => value)), g = numeric(losses.map(([, value]) => value));
    const top = Math.max(2, ...[...d, ...g].filter(Number.isFinite));
    curve.draw(losses.length > 1 ? { xs: losses.map((_, i) => first + i), lines: [{ ys: losses.map(() => 1.386), class: "thin" }, { ys: d }, { ys: g, class: "second" }], limits: [0, Math.min(8, top)] }
      : { xs: [0, 1], lines: [{ ys: [1.386, 1.386], class: "thin" }], limits: [0, 2] });
    const modes = reply.covered === null ? "" : ` ${reply.covered} of the 8 places are covered.`;
    words.textContent = reply.empty ? "Draw points into the plane: they are the real data." : `Step ${reply.numSteps}.${modes} Dashed: 1.386, what D pays when it can only guess.${settings.faults.includes("asleep") ? " G runs to the one spot that D likes best, and D comes too late: collapse." : ""}${settings.faults.includes("saturated") ? " Where D is sure, the fakes are hardly pulled at all." : ""}${settings.faults.includes("undetached") ? " D's own gradient pushes the fakes away from where D says real." : ""}`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.covered = String(reply.covered ?? "");
    root.dataset.losses = String(losses.length);
    if (asked) root.dataset.stopped = (performance.now() - asked).toFixed(1);
    asked = 0;
    go.next();
  }

  // How long the last answer takes after Stop: nothing where none is under way.
  function onStop() {
    root.dataset.stopped = "0";
    asked = talk.isWaiting() ? performance.now() : 0;
  }

  const talk = asking(model, root, () => ({ ...settings, steps: 3, ...go.take() }), show);
  const go = running(root, play, { words: "Play", frame: () => ({ do: "steps", steps: 3 }), ask: () => talk.ask(), onStop });
  talk.open();
  talk.ask(); // the kernel may have gone on since: a page that is opened again shows it
  return talk.stop;
}

export default { render };
