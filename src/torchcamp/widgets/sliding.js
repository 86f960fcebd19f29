// Input, filter and output as grids of numbers; the window follows the chosen output.

import { asking, keeping } from "./shared/ask.js";
import { choice, slider } from "./shared/controls.js";
import { digits, element, figureRoot, liveText, scrollable, titled } from "./shared/dom.js";
import { arrow } from "./shared/pen.js";
import { sentences } from "./shared/texts.js";

// key, label, smallest, largest
const SETTINGS = [
  ["size", "input i", 3, 10],
  ["kernel", "kernel k", 1, 5],
  ["padding", "padding p", 0, 3],
  ["stride", "stride s", 1, 4],
  ["dilation", "dilation d", 1, 3],
  ["inChannels", "channels in IC", 1, 3],
  ["outChannels", "channels out OC", 1, 4],
];

// One channel's numbers. rim: how many cells at each edge are padding; isLit(row, column): within
// the window.
function board(title, rows, { isLit, rim = 0, makeCell = () => element("span") }) {
  const cells = element("div", "cells");
  cells.style.setProperty("--columns", rows[0].length);
  rows.forEach((row, r) => {
    row.forEach((value, c) => {
      const isEdge = r < rim || c < rim || r >= rows.length - rim || c >= row.length - rim;
      const node = makeCell(r, c);
      node.classList.add("cell");
      node.classList.toggle("rim", isEdge);
      node.classList.toggle("window", isLit(r, c));
      node.textContent = digits(value, 1);
      cells.append(node);
    });
  });
  return titled("board", title, cells);
}

function numberField(label, value, onInput) {
  const node = element("label", "text-field");
  const input = element("input");
  Object.assign(input, { type: "number", min: 1, max: 512, value });
  input.addEventListener("input", () => {
    onInput(Math.max(1, Math.min(512, Number(input.value) || 1)));
  });
  node.append(element("span", "", label), input);
  return node;
}

function render({ model, el }) {
  const root = figureRoot(el, "sliding", "A convolution with its numbers");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const controls = element("div", "controls");
  for (const [key, label, min, max] of SETTINGS) {
    controls.append(slider(label, { min, max, step: 1, value: state[key] }, keep(key)).root);
  }
  const formula = scrollable(element("div", "formula"), "The formula with its numbers");
  const body = element("div", "body");
  const terms = liveText("p", "words terms");
  const line = element("div", "controls");
  line.append(
    element("b", "", "The other way round:"),
    numberField("which k, p, s turn", state.wantedInput, keep("wantedInput")),
    numberField("into", state.wantedOutput, keep("wantedOutput")),
  );
  const found = element("div", "found");
  const inverse = element("div", "inverse");
  inverse.append(line, found);
  root.append(controls, formula, body, terms, inverse);

  let refocus = false;
  let last = null;
  function choose(row, column) {
    state.row = row;
    state.column = column;
    refocus = true;
    talk.ask();
  }

  root.addEventListener("keydown", (event) => {
    const step = arrow(event);
    if (!step || !last || !event.target.classList.contains("chosen")) return;
    const inside = (v) => Math.max(0, Math.min(last.size - 1, v));
    choose(inside(state.row + step[1]), inside(state.column + step[0]));
    event.preventDefault();
  });

  function outputCell(row, column) {
    const isChosen = row === state.row && column === state.column;
    const node = element("button", isChosen ? "chosen" : "");
    node.type = "button";
    node.title = `output at row ${row}, column ${column}`;
    node.tabIndex = isChosen ? 0 : -1;
    node.addEventListener("click", () => choose(row, column));
    return node;
  }

  // Whether the filter is laid upon this cell of the padded input.
  function isInWindow(row, column) {
    const reaches = (n) => n >= 0 && n % state.dilation === 0 && n / state.dilation < state.kernel;
    return reaches(row - state.row * state.stride) && reaches(column - state.column * state.stride);
  }

  function showBoards({ input, filter, output, channel }) {
    const inputs = element("div", "stack");
    const filters = element("div", "stack");
    const outputs = element("div", "stack");
    input.forEach((rows, c) => {
      const title = input.length > 1 ? `input, channel ${c}` : "input";
      inputs.append(board(title, rows, { isLit: isInWindow, rim: state.padding }));
    });
    filter.forEach((rows, c) => {
      const title = filter.length > 1 ? `filter ${channel}, layer ${c}` : `filter ${channel}`;
      filters.append(board(title, rows, { isLit: () => true }));
    });
    const cells = { isLit: () => false, makeCell: outputCell };
    outputs.append(board(`output, channel ${channel}`, output, cells));
    if (state.outChannels > 1) {
      const channels = Array.from({ length: state.outChannels }, (_, i) => [i, String(i)]);
      outputs.append(choice("channel", channels, channel, keep("channel")).root);
    }
    const sign = (text) => element("div", "sign", text);
    body.replaceChildren(inputs, sign("∗"), filters, sign("="), outputs);
  }

  function show(reply) {
    last = reply;
    const code = element("code", "", reply.formula);
    formula.replaceChildren(code, element("span", "", reply.numbers));
    root.dataset.output = String(reply.size ?? "");
    const ways = reply.inverse.map((each) => element("code", "", each));
    found.replaceChildren(...(ways.length ? ways : [element("span", "", say("none"))]));
    root.dataset.inverse = String(reply.inverse.length);
    if (reply.refused) {
      body.replaceChildren();
      terms.replaceChildren(element("span", "lost", reply.refused));
      return;
    }
    const { row, column, channel } = reply;
    Object.assign(state, { row, column, channel });
    showBoards(reply);
    const value = `output[${channel}, ${row}, ${column}] = ${digits(reply.value, 1)}`;
    terms.replaceChildren(element("b", "", value), ` = ${reply.terms}`);
    root.dataset.value = String(reply.value);
    root.dataset.place = `${row},${column}`;
    if (refocus) body.querySelector(".chosen").focus();
    refocus = false;
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
