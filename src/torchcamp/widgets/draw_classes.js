// Rows are classes, columns are noises; below, what was asked for. A red frame: the judge takes it for another class.

function render({ model, el }) {
  const root = element("div", "figure draw-classes");
  root.setAttribute("aria-label", "Pictures of a generator");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const controls = element("div", "controls");
  const way = slider("walk through the noise", { min: 0, max: 1, step: 0.02, value: 0 }, (value) => {
    state.walk = value;
    talk.ask();
  });
  controls.append(pressable("Other noise", () => {
    state.seed += 1;
    talk.ask();
  }), way.root);
  const body = element("div", "side-by-side");
  const grid = element("div", "grow grid");
  const side = element("div", "side");
  body.append(grid, side);
  const asked = element("div", "asked");
  if (setup.conditional) {
    const field = element("input", "code");
    field.type = "text";
    field.value = state.asked;
    field.maxLength = 12;
    field.setAttribute("aria-label", "Digits to draw");
    field.addEventListener("input", () => {
      state.asked = field.value;
      talk.ask();
    });
    const label = element("label", "slider");
    label.append(element("span", "", "draw me"), field);
    controls.append(label);
  }
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, asked, body, words);
  el.append(root);

  function show(reply, [bytes, wanted]) {
    const columns = setup.conditional ? reply.columns : 10;
    const table = pictures(bytes, { columns });
    [...table.children].forEach((cell, n) => {
      const meant = setup.conditional ? Math.floor(n / columns) : null;
      cell.title = `${meant === null ? "" : `asked for ${setup.names[meant]}; `}the judge says ${setup.names[reply.found[n]]}, ${(100 * reply.sure[n]).toFixed(0)} %`;
      cell.classList.toggle("other", meant !== null && reply.found[n] !== meant);
    });
    grid.replaceChildren(element("div", "title", setup.conditional ? "each row one class, each column one noise" : "fifty draws"), table);
    side.replaceChildren();
    if (setup.conditional) {
      side.append(element("div", "title", "label agreement"), element("div", "large", `${(100 * reply.agreement).toFixed(1)} %`), element("div", "caption", `of these ${bytes.length / 784} pictures are what was asked for, says a classifier`));
      asked.replaceChildren(pictures(wanted, { columns: Math.max(4, wanted.length / 784) }));
      asked.style.width = `${Math.max(1, wanted.length / 784) * 62}px`;
      if (!wanted.length) asked.replaceChildren(element("span", "caption", "type digits"));
    } else {
      side.append(element("div", "title", "which digits it draws"), ...reply.counts.map((count, n) => {
        const line = element("div", "line");
        const bar = element("span", "bar");
        bar.style.setProperty("--p", count / Math.max(...reply.counts));
        line.append(element("span", "code", setup.names[n]), bar, element("span", "number", String(count)));
        return line;
      }));
    }
    words.textContent = setup.conditional ? "Down a column the noise stays: the hand that writes. Along a row the class stays. Walk through the noise and see the hand change while the classes hold."
      : "Nobody chooses: the noise decides which digit it is. Walk through the noise from one draw to the next, and find the moment at which a picture is no digit.";
    root.dataset.agreement = String(reply.agreement ?? "");
    root.dataset.asked = reply.asked.join("");
    root.dataset.found = reply.found.join("");
    root.dataset.ink = Array.from(bytes).reduce((sum, v) => sum + v, 0);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
