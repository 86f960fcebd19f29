// Memory as a strip of numbered cells, the tensor as a grid that reads it.

function render({ model, el }) {
  const root = element("div", "figure strides");
  root.setAttribute("aria-label", "A tensor and its memory");
  const setup = model.get("setup");
  const controls = element("div", "controls");
  const history = element("div", "history");
  const body = element("div", "body");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, history, body, words);
  el.append(root);

  let { operations } = model.get("state");
  for (const code of setup.operations) {
    const node = pressable(code, () => {
      operations = [...operations, code];
      talk.ask();
    }, `x = x${code}`);
    node.className = "code";
    controls.append(node);
  }
  const undo = pressable("Undo", () => {
    operations = operations.slice(0, -1);
    talk.ask();
  });
  const reset = pressable("Begin again", () => {
    operations = [];
    talk.ask();
  });
  controls.append(undo, reset);

  const hue = (value) => `hsl(${(value * 37 + 14) % 360} 65% 52%)`;
  const cell = (value, first, address) => {
    const node = element("div", "cell", String(value));
    node.style.setProperty("--hue", hue(first));
    node.dataset.address = String(address);
    return node;
  };

  function show({ steps, memories, refused }) {
    if (refused) operations = operations.slice(0, -1);
    undo.disabled = reset.disabled = operations.length === 0;
    history.replaceChildren(...steps.map((step, number) => {
      const node = element("div", "step");
      node.append(element("code", "", step.code),
        element("span", "", `shape (${step.shape.join(", ")}${step.shape.length === 1 ? "," : ""})`),
        element("span", "", `strides (${step.strides.join(", ")}${step.strides.length === 1 ? "," : ""})`));
      if (number) node.append(element("span", step.copied ? "copied" : "same", step.copied ? "new memory" : "same memory"));
      if (step.offset) node.append(element("span", "", `begins at cell ${step.offset}`));
      return node;
    }));
    const last = steps[steps.length - 1];
    root.dataset.shape = last.shape.join("x");
    root.dataset.strides = last.strides.join("x");
    root.dataset.memory = String(last.memory);
    body.replaceChildren();
    memories.forEach((memory, number) => {
      if (number !== last.memory && number !== 0) return;
      const line = element("div", "memory");
      line.append(element("div", "title", number === 0 ? "memory" : "new memory"));
      const strip = element("div", "strip");
      memory.values.forEach((value, address) => {
        const node = cell(value, memory.first[address], address);
        node.append(element("small", "", String(address)));
        node.classList.toggle("unused", number === last.memory && !last.cells.some(([, at]) => at === address));
        strip.append(node);
      });
      line.append(strip);
      line.dataset.memory = String(number);
      body.append(line);
    });
    const tensor = element("div", "tensor");
    tensor.append(element("div", "title", `x, as it is read: ${last.contiguous ? "in the memory's order" : "not in the memory's order"}`));
    const grid = element("div", "grid-of-cells");
    grid.style.setProperty("--columns", last.shape.at(-1));
    const [rows, columns] = last.shape.length === 2 ? last.shape : [1, last.shape[0]];
    last.cells.forEach(([value, address], i) => {
      const node = cell(value, memories[last.memory].first[address], address);
      node.tabIndex = 0;
      const index = last.shape.length === 2 ? [Math.floor(i / columns), i % columns] : [i];
      const light = (on) => {
        for (const other of body.querySelectorAll(`.memory[data-memory="${last.memory}"] .cell, .grid-of-cells .cell`)) {
          other.classList.toggle("lit", on && other.dataset.address === String(address));
        }
        if (!on) return;
        const terms = index.map((n, axis) => `${n} · ${last.strides[axis]}`).join(" + ");
        words.replaceChildren(element("b", "", `x[${index.join(", ")}] = ${value}`),
          ` is read at cell ${last.offset ? `${last.offset} + ` : ""}${terms} = ${address}.`);
      };
      node.addEventListener("pointerenter", () => light(true));
      node.addEventListener("pointerleave", () => light(false));
      node.addEventListener("focus", () => light(true));
      node.addEventListener("blur", () => light(false));
      grid.append(node);
    });
    tensor.append(grid);
    body.append(tensor);
    root.dataset.values = last.cells.map(([value]) => value).join(",");
    if (refused) {
      words.replaceChildren(element("b", "", "PyTorch refuses: "), refused);
    } else {
      words.textContent = rows * columns
        ? "Point at a number of the tensor to see where it is read."
        : "";
    }
    root.dataset.refused = refused ?? "";
  }

  const talk = asking(model, root, () => ({ operations }), show);
  talk.open();
  return talk.stop;
}

export default { render };
