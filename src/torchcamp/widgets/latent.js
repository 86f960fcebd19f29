// A map of codes to drag over; sliders over one picture's code; the way from it to another one.

function render({ model, el }) {
  const root = element("div", "figure latent");
  root.setAttribute("aria-label", "The codes of a VAE");
  const setup = model.get("setup");
  const state = structuredClone(model.get("state"));
  const top = element("div", "side-by-side");
  const map = element("canvas", "field");
  map.width = map.height = 340;
  map.tabIndex = 0;
  map.setAttribute("aria-label", "Map of codes: drag, or move with the arrow keys");
  const mapBox = element("div");
  mapBox.append(element("div", "title", "where the test pictures' codes lie: drag"), map);
  const legend = element("div", "legend");
  setup.names.forEach((name, n) => {
    const each = element("span", "", name);
    each.style.setProperty("--c", COLOURS[n % 10]);
    legend.append(each);
  });
  mapBox.append(legend);
  const decoded = element("canvas", "pixels big");
  const decodedBox = element("div");
  decodedBox.append(element("div", "title", "the place, decoded"), decoded);
  top.append(mapBox, decodedBox);

  const middle = element("div", "side-by-side");
  const take = (which) => paper(which === "first" ? "one picture: draw" : "another: draw", {
    onChange: (pixels) => {
      state[which] = pixels;
      if (which === "first") state.values = null;
      talk.ask();
    },
    onExample: () => {
      state[which] = null;
      state[`${which}Example`] += 2;
      if (which === "first") state.values = null;
      talk.ask();
    },
  });
  const first = take("first"), second = take("second");
  const slid = element("canvas", "pixels big");
  const slidBox = element("div");
  slidBox.append(element("div", "title", "its code decoded, with the sliders"), slid);
  const sliders = element("div", "sliders grow");
  const handles = setup.latents.map((latent, n) => slider(`z${latent}`, { min: -3, max: 3, step: 0.05, value: 0 }, (value) => {
    state.values = handles.map((each, m) => (m === n ? value : Number(each.input.value)));
    talk.ask();
  }));
  const back = pressable("Back to its code", () => {
    state.values = null;
    talk.ask();
  });
  sliders.append(element("div", "title", "the eight latents that tell most"), ...handles.map((each) => each.root), back);
  middle.append(first.box, slidBox, sliders);
  const bottom = element("div", "side-by-side");
  const way = element("div", "grow");
  bottom.append(second.box, way);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(top, middle, bottom, words);
  el.append(root);

  const toMap = ([x, y]) => [(x / setup.extent + 1) / 2 * map.width, (1 - y / setup.extent) / 2 * map.height];
  function drawMap(places) {
    const context = map.getContext("2d");
    context.clearRect(0, 0, map.width, map.height);
    setup.points.forEach((point, i) => {
      const [x, y] = toMap(point);
      context.globalAlpha = 0.65;
      context.fillStyle = COLOURS[setup.labels[i] % 10];
      context.beginPath();
      context.arc(x, y, 2.4, 0, 7);
      context.fill();
    });
    context.globalAlpha = 1;
    const ink = getComputedStyle(root).color;
    const mark = (point, radius, width) => {
      const [x, y] = toMap(point);
      context.strokeStyle = ink;
      context.lineWidth = width;
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.stroke();
    };
    places.forEach((place) => mark(place, 5, 1.5));
    context.beginPath();
    context.setLineDash([4, 3]);
    context.moveTo(...toMap(places[0]));
    context.lineTo(...toMap(places[1]));
    context.stroke();
    context.setLineDash([]);
    mark(state.at, 9, 3);
  }

  const go = (x, y) => {
    const inside = (value) => Math.min(setup.extent, Math.max(-setup.extent, value));
    state.at = [inside(x), inside(y)];
    talk.ask();
  };
  const drag = (event) => {
    const area = map.getBoundingClientRect();
    go((2 * (event.clientX - area.left) / area.width - 1) * setup.extent, (1 - 2 * (event.clientY - area.top) / area.height) * setup.extent);
  };
  map.style.touchAction = "none";
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    drag(event);
  });
  map.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    go(state.at[0] + step[0] * setup.extent / 25, state.at[1] + step[1] * setup.extent / 25);
    event.preventDefault();
  });

  function show(reply, [sheets, onMap, moved, between]) {
    // What is being drawn is ahead of the answer.
    if (state.first === null) first.set(sheets.subarray(0, 784));
    if (state.second === null) second.set(sheets.subarray(784));
    paint(decoded, onMap, 28, 28, false);
    paint(slid, moved, 28, 28, false);
    handles.forEach((each, n) => { if (state.values === null) each.set(reply.values[n]); });
    way.replaceChildren(element("div", "title", "from the one to the other, along a straight line of codes"), pictures(between, { columns: between.length / 784 }));
    drawMap(reply.places);
    words.textContent = `A code has ${reply.numLatents} numbers; the map shows the two directions in which codes differ most (${(100 * setup.share).toFixed(0)} % of their spread), so what the map leaves out is set to the mean. Telling the first picture costs ${digits(reply.kl[0], 1)} nats, the second ${digits(reply.kl[1], 1)}.`;
    root.dataset.at = state.at.map((v) => v.toFixed(3)).join(" ");
    root.dataset.picture = Array.from(onMap).reduce((sum, v) => sum + v, 0);
    root.dataset.moved = Array.from(moved).reduce((sum, v) => sum + v, 0);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
