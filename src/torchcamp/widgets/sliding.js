// Input, filter and output as grids of numbers; the window follows the chosen output.

function render({ model, el }) {
  const root = element("div", "figure sliding");
  root.setAttribute("aria-label", "A convolution with its numbers");
  const state = { ...model.get("state") };
  const controls = element("div", "controls");
  const knob = (key, label, min, max) => {
    const node = slider(label, { min, max, step: 1, value: state[key], format: (v) => String(v) }, (value) => {
      state[key] = value;
      talk.ask();
    });
    controls.append(node.root);
    return node;
  };
  knob("size", "input i", 3, 10);
  knob("kernel", "kernel k", 1, 5);
  knob("padding", "padding p", 0, 3);
  knob("stride", "stride s", 1, 4);
  knob("dilation", "dilation d", 1, 3);
  knob("inChannels", "channels in IC", 1, 3);
  knob("outChannels", "channels out OC", 1, 4);
  const formula = element("div", "formula");
  const body = element("div", "body");
  const terms = element("p", "words terms");
  terms.setAttribute("aria-live", "polite");
  const inverse = element("div", "inverse");
  root.append(controls, formula, body, terms, inverse);
  el.append(root);

  const line = element("div", "controls");
  const number = (label, key) => {
    const node = element("label", "field");
    const input = element("input");
    input.type = "number";
    input.min = 1;
    input.max = 512;
    input.value = state[key];
    input.addEventListener("input", () => {
      state[key] = Math.max(1, Math.min(512, Number(input.value) || 1));
      talk.ask();
    });
    node.append(element("span", "", label), input);
    return node;
  };
  line.append(element("b", "", "The other way round:"), number("which k, p, s turn", "wantedInput"), number("into", "wantedOutput"));
  const found = element("div", "found");
  inverse.append(line, found);

  function grid(title, rows, { window, chosen, onChoose, rim = 0, values }) {
    const box = element("div", "board");
    box.append(element("div", "title", title));
    const cells = element("div", "cells");
    cells.style.setProperty("--columns", rows[0].length);
    rows.forEach((row, r) => row.forEach((value, c) => {
      const node = element(onChoose ? "button" : "span", "cell", digits(value, 1));
      if (rim && (r < rim || c < rim || r >= rows.length - rim || c >= row.length - rim)) node.classList.add("rim");
      if (window?.(r, c)) node.classList.add("window");
      if (chosen && chosen[0] === r && chosen[1] === c) node.classList.add("chosen");
      if (onChoose) {
        node.type = "button";
        node.title = `output at row ${r}, column ${c}`;
        node.tabIndex = chosen && chosen[0] === r && chosen[1] === c ? 0 : -1;
        node.addEventListener("click", () => onChoose(r, c, true));
      }
      cells.append(node);
    }));
    box.append(cells);
    return box;
  }

  function choose(row, column, focus) {
    state.row = row;
    state.column = column;
    refocus = focus;
    talk.ask();
  }
  let refocus = false, last = null;

  root.addEventListener("keydown", (event) => {
    if (!event.target.classList.contains("chosen") || !last) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    const clamp = (v) => Math.max(0, Math.min(last.size - 1, v));
    choose(clamp(state.row + step[0]), clamp(state.column + step[1]), true);
    event.preventDefault();
  });

  function show(reply) {
    last = reply;
    formula.replaceChildren();
    formula.append(element("code", "", reply.formula), element("span", "", reply.numbers));
    root.dataset.output = String(reply.size ?? "");
    found.replaceChildren(...reply.inverse.map((each) => element("code", "", each)));
    if (!reply.inverse.length) found.append(element("span", "", "none with k up to 11, p up to k − 1 and s up to 4"));
    root.dataset.inverse = String(reply.inverse.length);
    body.replaceChildren();
    if (reply.refused) {
      terms.replaceChildren(element("span", "lost", reply.refused));
      return;
    }
    state.row = reply.row;
    state.column = reply.column;
    state.channel = reply.channel;
    const reach = (n) => n % state.dilation === 0 && n / state.dilation < state.kernel;
    const window = (r, c) => {
      const [y, x] = [r - reply.row * state.stride, c - reply.column * state.stride];
      return y >= 0 && x >= 0 && reach(y) && reach(x);
    };
    const inputs = element("div", "stack"), filters = element("div", "stack"), outputs = element("div", "stack");
    reply.input.forEach((rows, c) => inputs.append(grid(
      reply.input.length > 1 ? `input, channel ${c}` : "input", rows, { window, rim: state.padding })));
    reply.filter.forEach((rows, c) => filters.append(grid(
      reply.filter.length > 1 ? `filter ${reply.channel}, layer ${c}` : `filter ${reply.channel}`, rows, { window: () => true })));
    outputs.append(grid(`output, channel ${reply.channel}`, reply.output, {
      chosen: [reply.row, reply.column], onChoose: choose,
    }));
    if (state.outChannels > 1) outputs.append(choice("channel", Array.from({ length: state.outChannels }, (_, i) => [i, String(i)]), reply.channel, (value) => {
      state.channel = value;
      talk.ask();
    }).root);
    body.append(inputs, element("div", "sign", "∗"), filters, element("div", "sign", "="), outputs);
    terms.replaceChildren(element("b", "", `output[${reply.channel}, ${reply.row}, ${reply.column}] = ${digits(reply.value, 1)}`),
      ` = ${reply.terms}`);
    root.dataset.value = String(reply.value);
    root.dataset.place = `${reply.row},${reply.column}`;
    if (refocus) body.querySelector(".chosen").focus();
    refocus = false;
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
