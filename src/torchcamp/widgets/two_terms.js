// Left the codes with their spread, in the middle what each place decodes to, right the two terms.

function render({ model, el }) {
  const root = element("div", "figure two-terms");
  root.setAttribute("aria-label", "A small VAE: reconstruction against KL");
  let weight = 0;
  const play = pressable("Learn", () => {}, "5 steps a frame, until stopped");
  play.className = "go";
  const controls = element("div", "controls");
  const show_weight = (v) => (v <= -2 ? "0" : (10 ** v).toPrecision(2));
  controls.append(play, pressable("Begin again", () => {
    go.set(false);
    go.order({ do: "reset" });
  }), slider("weight of the KL", { min: -2, max: 2, step: 0.1, value: 0, format: show_weight }, (value) => { weight = value; }).root);
  const body = element("div", "side-by-side");
  const map = element("canvas", "field"), grid = element("div");
  map.width = map.height = 260;
  const box = (title, node) => {
    const each = element("div");
    each.append(element("div", "title", title), node);
    return each;
  };
  const curve = makePlot({ steps: true, width: 330, height: 230, title: "reconstruction (orange) and KL (blue), nats" });
  body.append(box("codes of 300 test pictures, ±1 σ", map), box("codes from -2 to 2, decoded", grid), curve.box);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, words);
  el.append(root);

  function drawMap(reply) {
    const context = map.getContext("2d"), extent = 4;
    context.clearRect(0, 0, map.width, map.height);
    const scale = map.width / (2 * extent);
    context.strokeStyle = getComputedStyle(root).color;
    context.globalAlpha = 0.35;
    for (const radius of [1, 2]) {
      context.beginPath();
      context.arc(map.width / 2, map.height / 2, radius * scale, 0, 7);
      context.stroke();
    }
    reply.points.forEach(([x, y], i) => {
      context.fillStyle = COLOURS[reply.labels[i] % 10];
      const [cx, cy] = [map.width / 2 + x * scale, map.height / 2 - y * scale];
      context.globalAlpha = 0.14;
      context.beginPath();
      context.ellipse(cx, cy, reply.stds[i][0] * scale, reply.stds[i][1] * scale, 0, 0, 7);
      context.fill();
      context.globalAlpha = 0.9;
      context.beginPath();
      context.arc(cx, cy, 1.8, 0, 7);
      context.fill();
    });
    context.globalAlpha = 1;
  }

  function show(reply, [decoded]) {
    drawMap(reply);
    grid.replaceChildren(pictures(decoded, { columns: reply.grid }));
    const xs = reply.curve.map(([step]) => step);
    const [, reconstruction, kl] = reply.curve.at(-1);
    const column = (n) => (xs.length > 1 ? reply.curve.map((row) => row[n]) : [reply.curve[0][n], reply.curve[0][n]]);
    curve.draw({ xs: xs.length > 1 ? xs : [0, 1], lines: [{ ys: column(1) }, { ys: column(2), class: "second" }], limits: [0, Math.max(...column(1)) * 1.05] });
    const says = weight <= -2 ? "With weight 0 nothing holds the codes together: places between them decode to nothing." : weight > 0.9
      ? "With a heavy KL the codes fall back onto the prior: they tell nothing, and every place decodes to the same blur." : "Rings: one and two deviations of the prior.";
    words.textContent = `Step ${reply.numSteps}: reconstruction ${digits(reconstruction, 1)} + KL ${digits(kl, 2)} = ${digits(reconstruction + kl, 1)} nats a test picture. ${says}`;
    root.dataset.steps = String(reply.numSteps);
    root.dataset.kl = String(kl);
    root.dataset.reconstruction = String(reconstruction);
    go.next();
  }

  const talk = asking(model, root, () => ({ weight: weight <= -2 ? 0 : 10 ** weight, steps: 5, ...go.take() }), show);
  const go = running(root, play, { words: "Learn", frame: () => ({ do: "steps", steps: 5 }), ask: () => talk.ask() });
  talk.open();
  return talk.stop;
}

export default { render };
