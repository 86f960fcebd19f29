// The script as buttons, one a line: press the one that you take for wrong.

import { asking, keeping } from "./shared/ask.js";
import { colourLines } from "./shared/code.js";
import { choice, pressable } from "./shared/controls.js";
import { element, figureRoot, liveText } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

// Text in which `code` stands between backticks.
function withCode(text) {
  const parts = text.split("`");
  return parts.map((part, n) => (n % 2 ? element("code", "code", part) : part));
}

function render({ model, el }) {
  const root = figureRoot(el, "find-line", "Find the wrong lines of a script");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const say = sentences(model);
  const keep = keeping(state, () => talk.ask());
  const found = {}; // per script: the wrong lines that were pressed
  const controls = element("div", "controls");
  const scripts = setup.scripts.map((each) => [each.name, each.title]);
  const scriptChoice = choice("script", scripts, state.script, (value) => {
    state.line = null;
    keep("script")(value);
  });
  controls.append(scriptChoice.root);
  const report = element("p", "report");
  const code = element("div", "script python");
  const explanation = liveText("p", "words verdict");
  root.append(controls, report, code, explanation);
  let drawn = null;

  function lineButton(line, n, coloured) {
    if (!line.trim()) return element("span", "gap", " ");
    const button = pressable("", () => keep("line")(n));
    button.className = "code-line";
    const text = element("span", "text");
    text.append(coloured);
    button.append(element("span", "nr", String(n + 1)), text);
    button.dataset.line = n;
    return button;
  }

  function drawScript(name) {
    const script = setup.scripts.find((each) => each.name === name);
    report.replaceChildren(element("b", "", "Its author reports: "), script.report);
    const coloured = colourLines(script.lines);
    code.replaceChildren(...script.lines.map((line, n) => lineButton(line, n, coloured[n])));
    drawn = name;
  }

  function show(reply) {
    if (drawn !== reply.script) drawScript(reply.script);
    found[reply.script] ??= new Set();
    const mine = found[reply.script];
    if (reply.verdict === "wrong") mine.add(reply.line);
    for (const button of code.querySelectorAll("button")) {
      const n = Number(button.dataset.line);
      button.classList.toggle("found", mine.has(n));
      button.classList.toggle("fine", reply.verdict === "right" && n === reply.line);
    }
    const told =
      reply.verdict === "none"
        ? say("begin", { number: reply.num })
        : say("pressed", {
            line: reply.line + 1,
            verdict: reply.words,
            found: mine.size,
            number: reply.num,
          });
    explanation.replaceChildren(...withCode(told));
    root.dataset.verdict = reply.verdict;
    root.dataset.found = String(mine.size);
    root.dataset.script = reply.script;
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
