// Columns are throws, rows are dice; a circle's filling is a probability, a line's width what flows along it.

function render({ model, el }) {
  const root = element("div", "figure trellis");
  root.setAttribute("aria-label", "A trellis: two dice over a row of throws");
  const names = model.get("setup").names;
  const state = { ...model.get("state") };
  let mode = "forward", upTo = state.throws.length - 1, last = null, seed = 9; // the next ten exchange the dice

  const controls = element("div", "controls");
  const modes = choice("show", [["forward", "forward"], ["backward", "backward"], ["both", "both together"], ["path", "best path"]], mode, (value) => {
    mode = value;
    draw();
  });
  const step = slider("as far as throw", { min: 0, max: upTo, step: 1, value: upTo, format: (v) => String(v + 1) }, (value) => {
    upTo = value;
    draw();
  });
  controls.append(modes.root, step.root, pressable("Throw anew", () => {
    state.do = "throw";
    state.seed = ++seed;
    talk.ask();
  }, "New throws of this casino; its secret is shown"));
  const casino = element("div", "controls");
  for (const [key, words, max] of [["leave_fair", "fair → loaded", 0.5], ["leave_loaded", "loaded → fair", 0.5], ["six", "the loaded die's six", 0.95]]) {
    casino.append(slider(words, { min: 0.01, max, step: 0.01, value: state[key] }, (value) => {
      state[key] = value;
      talk.ask();
    }).root);
  }
  const holder = element("div", "holder");
  const dice = element("div", "dice");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  root.append(controls, casino, holder, dice, words);
  el.append(root);

  const width = 760, left = 88, right = 28, rows = [46, 138];
  const x = (t) => left + (width - left - right) * t / (state.throws.length - 1);

  function isReached(t) {
    return mode === "backward" ? t >= last.throws.length - 1 - upTo : t <= upTo;
  }

  function draw() {
    if (!last) return;
    const svg = shape("svg", { viewBox: `0 0 ${width} 190`, role: "img", "aria-label": `trellis, ${mode}` });
    const probs = mode === "path" ? last.both : last[mode];
    const flow = mode === "path" ? last.bothFlow : last[`${mode}Flow`];
    names.forEach((name, s) => shape("text", { class: "name", x: 4, y: rows[s] + 4 }, svg, name));
    flow.forEach((shares, t) => shares.forEach((share, n) => {
      const [from, to] = [Math.floor(n / 2), n % 2];
      if (!isReached(t) || !isReached(t + 1)) return;
      const onPath = mode === "path" && last.path[t] === from && last.path[t + 1] === to;
      shape("line", { class: `flow ${onPath ? "best" : mode === "path" ? "faint" : ""}`, x1: x(t), y1: rows[from], x2: x(t + 1), y2: rows[to],
        "stroke-width": mode === "path" ? (onPath ? 5 : 1) : 0.4 + 9 * share }, svg);
    }));
    probs.forEach((pair, t) => pair.forEach((p, s) => {
      const group = shape("g", { class: `node ${isReached(t) ? "" : "later"} ${mode === "path" && last.path[t] === s ? "best" : ""}`, transform: `translate(${x(t)} ${rows[s]})` }, svg);
      shape("circle", { class: "back", r: 19 }, group);
      if (isReached(t)) {
        const filled = mode === "path" ? (last.path[t] === s ? 1 : 0) : p;
        shape("circle", { class: "fill", r: 19, opacity: filled }, group);
        if (mode !== "path") shape("text", { class: filled > 0.6 ? "over" : "", y: 4, "text-anchor": "middle" }, group, p.toFixed(2).replace(/^0/, ""));
      }
      if (last.truth && last.truth[t] === s) shape("circle", { class: "truth", r: 23 }, group);
    }));
    holder.replaceChildren(svg);
    const t = Math.min(upTo, last.throws.length - 1);
    const back = last.throws.length - 1 - t;
    const told = {
      forward: () => t === 0
        ? `Throw 1 shows ${last.throws[0] + 1}. Begin with each die's share (½) times the probability that it shows this; divided by the sum ${digits(last.scales[0], 3)}.`
        : `Throw ${t + 1} shows ${last.throws[t] + 1}. Into each circle flows what was there times the way to it; then times the probability that the die shows a ${last.throws[t] + 1}; then both are divided by their sum ${digits(last.scales[t], 3)}.`,
      backward: () => `From the end back to throw ${back + 1}: how well each die there explains all that comes after it. At the last throw nothing comes after it, so both are alike.`,
      both: () => `Forward times backward: given all throws, the die at throw ${t + 1} was loaded with probability ${digits(last.both[t][1], 2)}.`,
      path: () => `The best single path: log p ${digits(last.logJoint, 2)}. Followed back from its end; it is not always the row of the likeliest dice.`,
    };
    words.textContent = `${told[mode]()} log p of all throws: ${digits(last.logP, 2)}, the sum of the logarithms of all ${last.throws.length} divisors.${last.truth ? " Rings: the die that was thrown." : ""}`;
    root.dataset.mode = mode;
    root.dataset.path = last.path.join("");
    root.dataset.logp = String(last.logP);
  }

  function show(reply) {
    last = reply;
    if (reply.truth) state.throws = reply.throws; // else what was pressed meanwhile would be lost
    dice.replaceChildren(...reply.throws.map((throw_, t) => {
      const die = pressable(String(throw_ + 1), () => {
        state.throws = state.throws.map((each, n) => (n === t ? (each + 1) % 6 : each));
        talk.ask();
      }, `throw ${t + 1}: press for the next number`);
      die.className = `die ${throw_ === 5 ? "six" : ""}`;
      die.style.left = `${100 * x(t) / width}%`;
      return die;
    }));
    draw();
  }

  const talk = asking(model, root, () => {
    const sent = { ...state };
    state.do = "look"; // thrown once
    return sent;
  }, show);
  talk.open();
  return talk.stop;
}

export default { render };
