// Step by step: write the shapes below each other, fill up, stretch, add.

function render({ model, el }) {
  const root = element("div", "figure broadcasting");
  const { pairs } = model.get("setup");
  let { a, b } = model.get("state");
  let step = 0, reply = null;
  const controls = element("div", "controls");
  const field = (label, value, set) => {
    const node = element("label", "field");
    const input = element("input");
    input.value = value;
    input.spellcheck = false;
    input.addEventListener("input", () => {
      set(input.value);
      step = 0;
      talk.ask();
    });
    node.append(element("span", "", label), input);
    return { node, input };
  };
  const first = field("shape of a", a, (value) => { a = value; });
  const second = field("shape of b", b, (value) => { b = value; });
  const back = pressable("Back", () => { step -= 1; draw(); });
  const next = pressable("Next step", () => { step += 1; draw(); });
  next.className = "go";
  controls.append(first.node, second.node, back, next);
  for (const [one, other] of pairs.slice(1)) {
    const node = pressable(`${one} and ${other}`, () => {
      first.input.value = a = one;
      second.input.value = b = other;
      step = 0;
      talk.ask();
    });
    node.classList.add("code");
    controls.append(node);
  }
  const table = element("div", "table");
  const pictures = element("div", "pictures");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, table, pictures, words);
  el.append(root);

  const line = (name, sizes, classes) => {
    const node = element("div", "line-of-axes");
    node.append(element("span", "name", name));
    sizes.forEach((size, i) => node.append(element("span", `axis ${classes?.[i] ?? ""}`, size)));
    return node;
  };
  const picture = (name, values, rows, columns, ghost) => {
    const node = element("div", "picture");
    node.append(element("div", "title", name));
    const grid = element("div", "numbers");
    grid.style.setProperty("--columns", columns);
    values.forEach((value, i) => grid.append(element("span", ghost?.(i) ? "ghost" : "", String(value))));
    node.append(grid);
    return node;
  };

  function draw() {
    if (!reply) return;
    const { axes, result, refused, error } = reply;
    const lastStep = error ? 0 : refused ? 2 : 3;
    step = Math.max(0, Math.min(step, lastStep));
    back.disabled = step === 0;
    next.disabled = step === lastStep;
    root.dataset.step = String(step);
    root.dataset.result = step === 3 ? `(${result.join(", ")})` : "";
    table.replaceChildren();
    pictures.replaceChildren();
    if (error) {
      words.textContent = error;
      return;
    }
    const width = axes.length;
    const fill = (key) => axes.map((axis) => axis[key] ?? (step >= 1 ? "1" : ""));
    const classes = (key) => axes.map((axis) => {
      if (axis[key] === null && step >= 1) return "filled";
      if (step >= 2 && axis.clash) return "clash";
      if (step >= 2 && (axis[key] ?? 1) === 1 && axis.result > 1) return "stretched";
      return "";
    });
    table.style.setProperty("--axes", Math.max(1, width));
    const stretched = (key) => fill(key).map((size, i) => (
      classes(key)[i] === "stretched" ? `1 → ${axes[i].result}` : classes(key)[i] === "filled" && step >= 2 && axes[i].result > 1 ? `1 → ${axes[i].result}` : size));
    table.append(line("a", stretched("a"), classes("a")), line("b", stretched("b"), classes("b")));
    if (step === 3) table.append(line("a + b", axes.map((axis) => axis.result), axes.map(() => "result")));
    const told = [
      "Write the two shapes below each other, aligned on the right.",
      "Where an axis is missing on the left, put a 1.",
      refused ? `PyTorch refuses: ${refused}` : "Axes of size 1 are stretched to the other's size: the same numbers are read again, nothing is copied.",
      `The result has the shape (${result?.join(", ")}${result?.length === 1 ? "," : ""}).`,
    ];
    words.textContent = told[step];
    if (step >= 2 && reply.pictures) {
      for (const each of reply.pictures.slice(0, step === 3 ? 3 : 2)) {
        const [ownRows, ownColumns] = each.ownShape;
        pictures.append(picture(each.name, each.values, each.rows, each.columns,
          (i) => Math.floor(i / each.columns) >= ownRows || i % each.columns >= ownColumns));
      }
    }
  }

  const talk = asking(model, root, () => ({ a, b }), (answer) => {
    reply = answer;
    draw();
  });
  talk.open();
  return talk.stop;
}

export default { render };
