// The picture, the same picture made of the rows that its states emit, and one state opened.

function render({ model, el }) {
  const root = element("div", "figure row-states");
  root.setAttribute("aria-label", "A picture read row by row by a chain of states");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const controls = element("div", "controls");
  const row = slider("row", { min: 0, max: 27, step: 1, value: state.row, format: (v) => String(v) }, (value) => {
    state.row = value;
    talk.ask();
  });
  controls.append(slider("picture", { min: 0, max: setup.pictures - 1, step: 1, value: 0, format: (v) => String(v) }, (value) => {
    state.picture = value;
    talk.ask();
  }).root, row.root);
  const body = element("div", "side-by-side");
  const seen = element("canvas", "pixels big"), made = element("canvas", "pixels big");
  const opened = element("div", "grow");
  for (const [canvas, title] of [[seen, "what it sees"], [made, "what its states expect"]]) {
    const box = element("div");
    const frame = element("div", "frame");
    frame.append(canvas, element("div", "marker"));
    frame.addEventListener("click", (event) => {
      const area = frame.getBoundingClientRect();
      state.row = Math.min(27, Math.max(0, Math.floor((event.clientY - area.top) / area.height * 28)));
      row.set(state.row);
      talk.ask();
    });
    box.append(element("div", "title", title), frame);
    body.append(box);
  }
  body.append(opened);
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, body, words);
  el.append(root);

  const strip = (bytes) => {
    const canvas = element("canvas", "pixels strip");
    paint(canvas, bytes, 28, 1, false);
    return canvas;
  };

  function show(reply, [picture, path, here, next]) {
    paint(seen, picture, 28, 28, false);
    paint(made, path, 28, 28, false);
    root.style.setProperty("--row", reply.row);
    opened.replaceChildren(element("div", "title", `row ${reply.row} is read by state ${reply.state} of ${reply.numStates}; it expects`), strip(here),
      element("div", "title then", "and then the chain goes on, most likely, to"));
    reply.nextStates.forEach((number, n) => {
      const line = element("div", "next");
      line.append(element("span", "number", `${(100 * reply.next[n]).toFixed(0)} %`), strip(next.subarray(28 * n, 28 * (n + 1))), element("span", "", `state ${number}`));
      opened.append(line);
    });
    words.textContent = `A ${reply.label}: ${digits(reply.nats, 1)} nats over all paths, ${digits(reply.joint, 1)} along the best one alone. Nobody told the states what strokes are; each learnt one kind of row.`;
    root.dataset.state = String(reply.state);
    root.dataset.nats = String(reply.nats);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
