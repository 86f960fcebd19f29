// The script as buttons, one a line: press the one that you take for wrong.

function render({ model, el }) {
  const root = element("div", "figure find-line");
  root.setAttribute("aria-label", "Find the wrong lines of a script");
  const setup = model.get("setup");
  const state = { ...model.get("state") };
  const found = {};
  const controls = element("div", "controls");
  controls.append(choice("script", setup.scripts.map((each) => [each.name, each.title]), state.script, (value) => {
    state.script = value;
    state.line = null;
    talk.ask();
  }).root);
  const report = element("p", "report");
  const code = element("div", "script");
  const words = element("p", "words verdict");
  words.setAttribute("aria-live", "polite");
  root.append(controls, report, code, words);
  el.append(root);
  let drawn = null;

  function drawScript(name) {
    const script = setup.scripts.find((each) => each.name === name);
    report.replaceChildren(element("b", "", "Its author reports: "), document.createTextNode(script.report));
    code.replaceChildren(...script.lines.map((line, n) => {
      if (!line.trim()) return element("span", "gap", " ");
      const button = pressable("", () => {
        state.line = n;
        talk.ask();
      });
      button.className = "code-line";
      button.append(element("span", "nr", String(n + 1)), element("span", "text", line));
      button.dataset.line = n;
      return button;
    }));
    drawn = name;
  }

  function show(reply) {
    if (drawn !== reply.script) drawScript(reply.script);
    const mine = (found[reply.script] ??= {});
    if (reply.verdict === "wrong") mine[reply.line] = reply.words;
    for (const button of code.querySelectorAll("button")) {
      const n = Number(button.dataset.line);
      button.classList.toggle("found", n in mine);
      button.classList.toggle("fine", reply.verdict === "right" && n === reply.line);
    }
    const number = Object.keys(mine).length;
    const count = `${number} of ${reply.num} wrong lines found.`;
    const told = reply.verdict === "none" ? `${reply.num} of these lines are wrong. Press the ones that you suspect.` : `Line ${reply.line + 1}: ${reply.words} ${count}`;
    words.replaceChildren(...told.split("`").map((part, n) => (n % 2 ? element("code", "code", part) : document.createTextNode(part))));
    root.dataset.verdict = reply.verdict;
    root.dataset.found = String(number);
    root.dataset.script = reply.script;
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
