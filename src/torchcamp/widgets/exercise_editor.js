// A code editor on the answer's file: a textarea for typing and undo, its coloured copy beneath.

import { colour, colourLines } from "./shared/code.js";
import { pressable } from "./shared/controls.js";
import { element, liveText, scrollable } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

// Code to read: a line that does not fit goes on below, further in than it began.
function listing(box, text) {
  const lines = text.trimEnd().split("\n");
  const coloured = colourLines(lines);
  const nodes = lines.map((line, number) => {
    const node = element("div", "hung");
    node.style.setProperty("--indent", line.search(/\S|$/));
    node.append(line ? coloured[number] : " ");
    return node;
  });
  box.classList.add("python");
  box.replaceChildren(...nodes);
}

// The little Markdown that verdicts use: paragraphs, `code`, *emphasis*, indented blocks.
function formatted(text) {
  const box = document.createDocumentFragment();
  for (const block of text.split(/\n\s*\n/)) {
    if (/^ {4}/.test(block)) {
      box.append(element("pre", "", block.replace(/^ {4}/gm, "")));
      continue;
    }
    const paragraph = element("p");
    for (const part of block.replace(/\s*\n\s*/g, " ").split(/(`[^`]+`|\*[^*]+\*)/)) {
      if (/^`.+`$/.test(part)) paragraph.append(element("code", "", part.slice(1, -1)));
      else if (/^\*.+\*$/.test(part)) paragraph.append(element("em", "", part.slice(1, -1)));
      else paragraph.append(part);
    }
    box.append(paragraph);
  }
  return box;
}

// The editor of another exercise on this page; each lies in a shadow root of its own.
function elsewhere(root, name) {
  const wanted = `.exercise-editor[aria-label="Exercise ${name}"]`;
  const inside = (node) => {
    for (const each of node.querySelectorAll("*")) {
      const found =
        each.shadowRoot && (each.shadowRoot.querySelector(wanted) ?? inside(each.shadowRoot));
      if (found) return found;
    }
    return node.querySelector(wanted);
  };
  const found = inside(document);
  return found === root ? null : found;
}

function reveal(editor) {
  editor.scrollIntoView({ block: "start" });
  editor.querySelector("textarea").focus({ preventScroll: true });
}

const STANDINGS = { new: "", tried: "tried", passed: "solved", changed: "solved, changed since" };
const VERDICTS = {
  pass: "Solved.",
  fail: "Not yet.",
  error: "It could not be run.",
  limit: "Stopped.",
};

function render({ model, el }) {
  const say = sentences(model);
  const root = element("section", "exercise-editor");
  root.setAttribute("aria-label", `Exercise ${model.get("name")}`);
  const head = element("header");
  const standing = element("span", "standing");
  head.append(
    element("h3", "", model.get("title")),
    element("span", "minutes", `${model.get("minutes")} min`),
    standing,
  );
  const statement = scrollable(element("div", "statement"), `What is asked: ${model.get("title")}`);
  statement.innerHTML = model.get("statement"); // ours, rendered from statement.md
  for (const code of statement.querySelectorAll("pre")) listing(code, code.textContent);

  const editor = element("div", "editor");
  const coloured = element("pre", "painted python");
  coloured.setAttribute("aria-hidden", "true");
  const area = element("textarea");
  area.spellcheck = false;
  area.autocapitalize = area.autocomplete = "off";
  area.wrap = "off";
  area.setAttribute("aria-label", `Your answer, ${model.get("path")}`);
  editor.append(coloured, area);

  const conflict = element("div", "conflict");
  conflict.hidden = true;
  conflict.append(
    element("span", "", say("conflict")),
    pressable("Keep what is here", () => {
      conflict.hidden = true;
      send("mine");
    }),
    pressable("Take the file's", () => {
      conflict.hidden = true;
      unsaved = false;
      send("theirs");
    }),
  );

  const buttons = element("div", "bar");
  const check = pressable("Check", () => run(), "Ctrl+Enter");
  check.className = "check";
  const hint = pressable("Hint", () => send("hint"));
  const solution = pressable("Solution", () => {
    // Before any check the first press only asks.
    if (model.get("standing") === "new" && !asked) {
      asked = true;
      state.textContent = say("try");
    } else {
      send("solution");
    }
  });
  let asked = false;
  const reset = pressable("Start over", () => {
    clearTimeout(timer);
    unsaved = false;
    send("reset");
  });
  const state = liveText("span", "state");
  buttons.append(check, hint, solution, reset, state);
  const verdict = liveText("div", "verdict");
  verdict.hidden = true;
  const hints = element("ol", "hints");
  const shown = element("div", "solution");
  shown.hidden = true;
  const where = element("div", "where", say("where", { path: model.get("path") }));
  root.append(head, statement, editor, conflict, buttons, verdict, hints, shown, where);
  el.append(root);

  let base = model.get("base");
  let timer = null;
  let unsaved = false;
  const redraw = () => {
    coloured.replaceChildren(colour(area.value), "\n"); // the last line may be empty
    area.style.height = coloured.style.height = "auto";
    area.style.height = `${Math.max(120, area.scrollHeight)}px`;
  };
  const put = (text) => {
    if (area.value === text) return;
    const at = area.selectionStart;
    area.value = text;
    area.setSelectionRange(at, at);
    redraw();
  };
  const send = (kind, more = {}) => model.send({ kind, text: area.value, base, ...more });
  const save = () => {
    clearTimeout(timer);
    timer = null;
    if (unsaved) send("save");
  };
  const changed = () => {
    unsaved = true;
    state.textContent = "";
    redraw();
    clearTimeout(timer);
    timer = setTimeout(save, 600);
  };
  // Typing through execCommand keeps the browser's undo.
  const type = (text) => document.execCommand("insertText", false, text);
  const run = () => {
    clearTimeout(timer);
    root.dataset.verdict = "";
    root.dataset.started = String(performance.now());
    state.textContent = "checking …";
    send("check");
  };

  // Whoever goes to the text or the buttons may check: the judge begins, to have loaded torch by
  // then.
  let near = false;
  const soon = () => {
    if (!near) send("soon");
    near = true;
  };
  editor.addEventListener("focusin", soon);
  buttons.addEventListener("focusin", soon);
  buttons.addEventListener("pointerenter", soon);

  area.addEventListener("input", changed);
  area.addEventListener("blur", save);
  area.addEventListener("scroll", () => {
    coloured.scrollLeft = area.scrollLeft;
  });
  area.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the notebook has keys of its own
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    } else if (event.key === "Tab" && !event.altKey) {
      event.preventDefault();
      const before = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      if (!event.shiftKey) {
        type("    ".slice((area.selectionStart - before) % 4));
      } else if (area.value.startsWith("    ", before)) {
        const at = area.selectionStart;
        area.setSelectionRange(before, before + 4);
        document.execCommand("delete");
        area.setSelectionRange(Math.max(before, at - 4), Math.max(before, at - 4));
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      const before = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      const line = area.value.slice(before, area.selectionStart);
      type(`\n${line.match(/^ */)[0]}${/:\s*$/.test(line) ? "    " : ""}`);
    } else if (event.key === "Escape") {
      area.blur(); // so that Tab can leave the editor
    }
  });

  const showStanding = () => {
    const now = model.get("standing");
    standing.textContent = STANDINGS[now] ?? "";
    root.dataset.standing = now;
    solution.textContent = now === "passed" ? "Compare with ours" : "Solution";
  };
  const showHints = () => {
    const taken = model.get("hints");
    const items = taken.map((text) => {
      const item = element("li");
      item.append(formatted(text));
      return item;
    });
    hints.replaceChildren(...items);
    const left = model.get("num_hints") - taken.length;
    hint.disabled = left === 0;
    const further = left ? `Next hint (${left} left)` : "No more hints";
    hint.textContent = taken.length ? further : "Hint";
  };
  const wayOn = (message) => {
    const { solved, exercises, next } = message;
    const line = element("p", "way-on", `${say("solved", { solved, exercises })} `);
    if (!next) {
      line.append(solved === exercises ? say("all") : "");
      return line;
    }
    const { title, lesson_title } = next;
    const there = elsewhere(root, next.name);
    if (there) {
      line.append(pressable(say("next", { title }), () => reveal(there)));
    } else if (next.here) {
      line.append(say("next_folded", { title }));
    } else {
      const link = element("a", "", say("next_lesson", { title, lesson_title }));
      link.href = `./?file=${next.lesson}.py&view-as=present`;
      line.append(link);
    }
    return line;
  };
  const onMessage = (message) => {
    if (message.kind === "saved") {
      base = message.base;
      if (message.text === undefined || message.text === area.value) unsaved = false;
      if (!state.textContent) state.textContent = "saved";
    } else if (message.kind === "text" && message.external && unsaved) {
      conflict.hidden = false;
    } else if (message.kind === "text") {
      base = message.base;
      unsaved = false;
      put(message.text);
      conflict.hidden = true;
      state.textContent = message.words ?? "";
    } else if (message.kind === "conflict") {
      conflict.hidden = false;
      state.textContent = "";
    } else if (message.kind === "verdict") {
      base = message.base;
      unsaved = false;
      root.dataset.verdict = message.verdict;
      root.dataset.misconception = message.misconception ?? "";
      root.dataset.milliseconds = (performance.now() - Number(root.dataset.started)).toFixed(0);
      verdict.hidden = false;
      verdict.className = `verdict ${message.verdict}`;
      const title = element("b", "", VERDICTS[message.verdict]);
      verdict.replaceChildren(title, formatted(message.message));
      if (message.verdict === "pass") verdict.append(wayOn(message));
      state.textContent = "";
    } else if (message.kind === "solution") {
      shown.hidden = false;
      const code = element("pre");
      listing(code, message.text);
      shown.replaceChildren(element("b", "", message.words), code);
    }
  };
  model.on("msg:custom", onMessage);
  model.on("change:standing", showStanding);
  model.on("change:hints", showHints);
  area.value = model.get("text");
  showStanding();
  showHints();
  requestAnimationFrame(redraw);
  // A page that comes back to a running kernel is given the text of that kernel's first hour.
  send("open");
  return () => {
    save();
    model.off("msg:custom", onMessage);
    model.off("change:standing", showStanding);
    model.off("change:hints", showHints);
  };
}

export default { render };
