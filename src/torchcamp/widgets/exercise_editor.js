// A code editor on the answer's file: a textarea for typing and undo, its coloured copy beneath.

const KEYWORDS = new Set(("False None True and as assert async await break class continue def del elif else "
  + "except finally for from global if import in is lambda nonlocal not or pass raise return try while "
  + "with yield").split(" "));
const TOKENS = /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(#[^\n]*)|(\b\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?\b)|(@[\w.]+)|([A-Za-z_]\w*)/g;

function colour(text) {
  const fragment = document.createDocumentFragment();
  let last = 0, afterDef = false;
  for (const match of text.matchAll(TOKENS)) {
    fragment.append(text.slice(last, match.index));
    last = match.index + match[0].length;
    const [word, string, comment, number, decorator, name] = match;
    let kind = "";
    if (string) kind = "string";
    else if (comment) kind = /TODO/.test(word) ? "comment todo" : "comment";
    else if (number) kind = "number";
    else if (decorator) kind = "decorator";
    else if (name && KEYWORDS.has(word)) kind = "keyword";
    else if (name && afterDef) kind = "defined";
    if (!comment) afterDef = word === "def" || word === "class";
    fragment.append(kind ? element("span", kind, word) : word);
  }
  fragment.append(text.slice(last) + "\n");
  return fragment;
}

// The little Markdown that verdicts use: paragraphs, `code`, *emphasis*, indented blocks.
function words(text) {
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

const STANDINGS = { new: "", tried: "tried", passed: "solved", changed: "solved, changed since" };

function render({ model, el }) {
  const root = element("section", "exercise-editor");
  root.setAttribute("aria-label", `Exercise ${model.get("name")}`);
  const head = element("header");
  const standing = element("span", "standing");
  head.append(element("h3", "", model.get("title")), element("span", "minutes", `${model.get("minutes")} min`), standing);
  const statement = element("div", "statement");
  statement.innerHTML = model.get("statement"); // ours, rendered from statement.md

  const editor = element("div", "editor");
  const painted = element("pre", "painted");
  painted.setAttribute("aria-hidden", "true");
  const area = element("textarea");
  area.spellcheck = false;
  area.autocapitalize = area.autocomplete = "off";
  area.wrap = "off";
  area.setAttribute("aria-label", `Your answer, ${model.get("path")}`);
  editor.append(painted, area);

  const conflict = element("div", "conflict");
  conflict.hidden = true;
  const mine = element("button", "", "Keep what is here"), theirs = element("button", "", "Take the file's");
  conflict.append(element("span", "", "Another editor changed this file while you typed. Both versions are kept in backups."), mine, theirs);

  const bar = element("div", "bar");
  const check = element("button", "check", "Check");
  check.title = "Ctrl+Enter";
  const hint = element("button", "", "Hint"), reset = element("button", "", "Start over"), solution = element("button", "", "Solution");
  const state = element("span", "state");
  state.setAttribute("aria-live", "polite");
  bar.append(check, hint, solution, reset, state);
  const verdict = element("div", "verdict");
  verdict.setAttribute("aria-live", "polite");
  verdict.hidden = true;
  const hints = element("ol", "hints");
  const shown = element("div", "solution");
  shown.hidden = true;
  root.append(head, statement, editor, conflict, bar, verdict, hints, shown,
    element("div", "where", `This is ${model.get("path")}; any editor may change it. Ctrl+Enter checks.`));
  el.append(root);

  let base = model.get("base"), timer = null, unsaved = false;
  const paint = () => {
    painted.replaceChildren(colour(area.value));
    area.style.height = painted.style.height = "auto";
    area.style.height = `${Math.max(120, area.scrollHeight)}px`;
  };
  const put = (text) => {
    if (area.value === text) return;
    const at = area.selectionStart;
    area.value = text;
    area.setSelectionRange(at, at);
    paint();
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
    paint();
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

  area.addEventListener("input", changed);
  area.addEventListener("blur", save);
  area.addEventListener("scroll", () => { painted.scrollLeft = area.scrollLeft; });
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
  check.addEventListener("click", run);
  hint.addEventListener("click", () => send("hint"));
  reset.addEventListener("click", () => { clearTimeout(timer); unsaved = false; send("reset"); });
  solution.addEventListener("click", () => send("solution"));
  mine.addEventListener("click", () => { conflict.hidden = true; send("mine"); });
  theirs.addEventListener("click", () => { conflict.hidden = true; unsaved = false; send("theirs"); });

  const showStanding = () => {
    const now = model.get("standing");
    standing.textContent = STANDINGS[now] ?? "";
    root.dataset.standing = now;
  };
  const showHints = () => {
    const taken = model.get("hints");
    hints.replaceChildren(...taken.map((text) => {
      const item = element("li");
      item.append(words(text));
      return item;
    }));
    const left = model.get("num_hints") - taken.length;
    hint.disabled = left === 0;
    hint.textContent = taken.length ? (left ? `Next hint (${left} left)` : "No more hints") : "Hint";
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
      const title = { pass: "Solved.", fail: "Not yet.", error: "It could not be run.", limit: "Stopped." }[message.verdict];
      verdict.replaceChildren(element("b", "", title), words(message.message));
      state.textContent = "";
    } else if (message.kind === "solution") {
      shown.hidden = false;
      const code = element("pre");
      code.append(colour(message.text));
      shown.replaceChildren(element("b", "", message.words), code);
    }
  };
  model.on("msg:custom", onMessage);
  model.on("change:standing", showStanding);
  model.on("change:hints", showHints);
  area.value = model.get("text");
  showStanding();
  showHints();
  requestAnimationFrame(paint);
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
