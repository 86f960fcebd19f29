// Step by step: write the shapes below each other, fill up, stretch, add.

import { asking } from "./shared/ask.js";
import { pressable, textField } from "./shared/controls.js";
import { element, figureRoot, liveText, titled } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

// A shape, one box an axis.
function axesLine(name, sizes, classes) {
  const node = element("div", "line-of-axes");
  node.append(element("span", "name", name));
  sizes.forEach((size, i) => {
    node.append(element("span", `axis ${classes[i]}`, size));
  });
  return node;
}

// A tensor's numbers; those that are only read again are ghosts.
function numbersOf({ name, values, columns, ownShape: [ownRows, ownColumns] }) {
  const grid = element("div", "numbers");
  grid.style.setProperty("--columns", columns);
  values.forEach((value, i) => {
    const isGhost = Math.floor(i / columns) >= ownRows || i % columns >= ownColumns;
    grid.append(element("span", isGhost ? "ghost" : "", String(value)));
  });
  return titled("picture", name, grid);
}

function render({ model, el }) {
  const root = figureRoot(el, "broadcasting");
  const { pairs } = model.get("setup");
  const say = sentences(model);
  let { a, b } = model.get("state");
  let step = 0;
  let reply = null;
  const controls = element("div", "controls");
  const begin = (one, other) => {
    [a, b, step] = [one, other, 0];
    talk.ask();
  };
  const first = textField("shape of a", a, (value) => begin(value, b));
  const second = textField("shape of b", b, (value) => begin(a, value));
  const go = (by) => {
    step += by;
    draw();
  };
  const back = pressable("Back", () => go(-1));
  const next = pressable("Next step", () => go(1));
  next.className = "go";
  controls.append(first.root, second.root, back, next);
  for (const [one, other] of pairs.slice(1)) {
    const node = pressable(`${one} and ${other}`, () => {
      first.input.value = one;
      second.input.value = other;
      begin(one, other);
    });
    node.classList.add("code");
    controls.append(node);
  }
  const table = element("div", "table");
  const tensors = element("div", "pictures");
  const explanation = liveText();
  root.append(controls, table, tensors, explanation);

  function classOf(axis, key) {
    if (axis[key] === null && step >= 1) return "filled";
    if (step >= 2 && axis.clash) return "clash";
    if (step >= 2 && (axis[key] ?? 1) === 1 && axis.result > 1) return "stretched";
    return "";
  }

  function sizeOf(axis, key) {
    const name = classOf(axis, key);
    const isRead = name === "filled" && step >= 2 && axis.result > 1;
    if (name === "stretched" || isRead) return `1 → ${axis.result}`;
    return axis[key] ?? (step >= 1 ? "1" : "");
  }

  function draw() {
    if (!reply) return;
    const { axes, result, refused, error } = reply;
    const lastOfAll = refused ? 2 : 3;
    const lastStep = error ? 0 : lastOfAll;
    step = Math.max(0, Math.min(step, lastStep));
    back.disabled = step === 0;
    next.disabled = step === lastStep;
    root.dataset.step = String(step);
    root.dataset.result = step === 3 ? `(${result.join(", ")})` : "";
    table.replaceChildren();
    tensors.replaceChildren();
    if (error) {
      explanation.textContent = error;
      return;
    }
    table.style.setProperty("--axes", Math.max(1, axes.length));
    for (const key of ["a", "b"]) {
      const sizes = axes.map((axis) => sizeOf(axis, key));
      table.append(
        axesLine(
          key,
          sizes,
          axes.map((axis) => classOf(axis, key)),
        ),
      );
    }
    if (step === 3) {
      table.append(
        axesLine(
          "a + b",
          axes.map((axis) => axis.result),
          axes.map(() => "result"),
        ),
      );
    }
    const told = ["align", "fill", refused ? "refused" : "stretch", "result"][step];
    const shape = `(${result?.join(", ")}${result?.length === 1 ? "," : ""})`;
    explanation.textContent = say(told, { refused, shape });
    if (step >= 2 && reply.pictures) {
      tensors.append(...reply.pictures.slice(0, step === 3 ? 3 : 2).map(numbersOf));
    }
  }

  const talk = asking(
    model,
    root,
    () => ({ a, b }),
    (answer) => {
      reply = answer;
      draw();
    },
  );
  talk.open();
  return talk.stop;
}

export default { render };
