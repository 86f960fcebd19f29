// Memory as a strip of numbered cells, the tensor as a grid that reads it.

import { asking } from "./shared/ask.js";
import { pressable } from "./shared/controls.js";
import { element, figureRoot, liveText, titled } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

// As Python prints it.
function tuple(numbers) {
  return `(${numbers.join(", ")}${numbers.length === 1 ? "," : ""})`;
}

// value: what is written in the cell; first: what stood there first, which gives it its colour.
function memoryCell(value, first, address) {
  const node = element("div", "cell", String(value));
  node.style.setProperty("--hue", `hsl(${(first * 37 + 14) % 360} 65% 52%)`);
  node.dataset.address = String(address);
  return node;
}

function render({ model, el }) {
  const root = figureRoot(el, "strides", "A tensor and its memory");
  const setup = model.get("setup");
  const say = sentences(model);
  const controls = element("div", "controls");
  const history = element("div", "history");
  const body = element("div", "body");
  const explanation = liveText();
  root.append(controls, history, body, explanation);

  let { operations } = model.get("state");
  const setOperations = (next) => {
    operations = next;
    talk.ask();
  };
  for (const code of setup.operations) {
    const node = pressable(code, () => setOperations([...operations, code]), `x = x${code}`);
    node.className = "code";
    controls.append(node);
  }
  const undo = pressable("Undo", () => setOperations(operations.slice(0, -1)));
  const reset = pressable("Begin again", () => setOperations([]));
  controls.append(undo, reset);

  function stepOf(step, number) {
    const node = element("div", "step");
    node.append(
      element("code", "", step.code),
      element("span", "", `shape ${tuple(step.shape)}`),
      element("span", "", `strides ${tuple(step.strides)}`),
    );
    const memory = step.copied ? ["copied", "new memory"] : ["same", "same memory"];
    if (number) node.append(element("span", ...memory));
    if (step.offset) node.append(element("span", "", `begins at cell ${step.offset}`));
    return node;
  }

  // Lights the cell of the tensor, and the cell of the memory that it reads; says why it is that
  // one.
  function light(on, address, { memory }) {
    const inMemory = `.memory[data-memory="${memory}"] .cell`;
    for (const cell of body.querySelectorAll(`${inMemory}, .grid-of-cells .cell`)) {
      cell.classList.toggle("lit", on && cell.dataset.address === String(address));
    }
  }

  function explain(value, index, address, { strides, offset }) {
    const terms = index.map((n, axis) => `${n} · ${strides[axis]}`).join(" + ");
    const sum = `${offset ? `${offset} + ` : ""}${terms} = ${address}`;
    const name = element("b", "", `x[${index.join(", ")}] = ${value}`);
    explanation.replaceChildren(name, ` is read at cell ${sum}.`);
  }

  function memoryStrip(memory, number, last) {
    const read = new Set(last.cells.map(([, address]) => address));
    const strip = element("div", "strip");
    memory.values.forEach((value, address) => {
      const node = memoryCell(value, memory.first[address], address);
      node.append(element("small", "", String(address)));
      node.classList.toggle("unused", number === last.memory && !read.has(address));
      strip.append(node);
    });
    const line = titled("memory", number === 0 ? "memory" : "new memory", strip);
    line.dataset.memory = String(number);
    return line;
  }

  function tensorGrid(last, memory) {
    const numColumns = last.shape.at(-1);
    const grid = element("div", "grid-of-cells");
    grid.style.setProperty("--columns", numColumns);
    last.cells.forEach(([value, address], i) => {
      const node = memoryCell(value, memory.first[address], address);
      node.tabIndex = 0;
      const index = last.shape.length === 2 ? [Math.floor(i / numColumns), i % numColumns] : [i];
      const on = () => {
        light(true, address, last);
        explain(value, index, address, last);
      };
      const off = () => light(false, address, last);
      node.addEventListener("pointerenter", on);
      node.addEventListener("pointerleave", off);
      node.addEventListener("focus", on);
      node.addEventListener("blur", off);
      grid.append(node);
    });
    const order = last.contiguous ? "in the memory's order" : "not in the memory's order";
    return titled("tensor", `x, as it is read: ${order}`, grid);
  }

  function show({ steps, memories, refused }) {
    if (refused) operations = operations.slice(0, -1);
    undo.disabled = reset.disabled = operations.length === 0;
    history.replaceChildren(...steps.map(stepOf));
    const last = steps[steps.length - 1];
    body.replaceChildren();
    memories.forEach((memory, number) => {
      if (number === last.memory || number === 0) body.append(memoryStrip(memory, number, last));
    });
    body.append(tensorGrid(last, memories[last.memory]));
    if (refused) {
      explanation.replaceChildren(element("b", "", "PyTorch refuses: "), refused);
    } else {
      explanation.textContent = last.cells.length ? say("hint") : "";
    }
    root.dataset.shape = last.shape.join("x");
    root.dataset.strides = last.strides.join("x");
    root.dataset.memory = String(last.memory);
    root.dataset.values = last.cells.map(([value]) => value).join(",");
    root.dataset.refused = refused ?? "";
  }

  const talk = asking(model, root, () => ({ operations }), show);
  talk.open();
  return talk.stop;
}

export default { render };
