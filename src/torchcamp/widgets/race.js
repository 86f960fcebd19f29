// Bars on a logarithmic scale: each measured when its race is chosen.

function render({ model, el }) {
  const root = element("div", "figure race");
  root.setAttribute("aria-label", "Races on this machine");
  const setup = model.get("setup");
  let asked = "none";
  const controls = element("div", "controls");
  const buttons = setup.races.map(([key, title]) => {
    const button = pressable(title, () => {
      asked = key;
      words.textContent = key === "compile" ? "compiling: up to half a minute …" : "measuring …";
      talk.ask();
    });
    controls.append(button);
    return [key, button];
  });
  const bars = element("div", "bars");
  const words = element("p", "words");
  words.setAttribute("aria-live", "polite");
  const device = element("p", "caption");
  root.append(controls, bars, words, device);
  el.append(root);

  const amount = (s) => (s < 1e-3 ? `${(1e6 * s).toPrecision(3)} µs` : s < 1 ? `${(1e3 * s).toPrecision(3)} ms` : `${s.toPrecision(3)} s`);

  function show(reply) {
    const logs = reply.bars.map((bar) => Math.log10(bar.seconds));
    const low = Math.floor(Math.min(...logs)) , high = Math.max(...logs);
    bars.replaceChildren(...reply.bars.map((bar, n) => {
      const line = element("div", `line ${bar.kind}`);
      const fill = element("span", "fill");
      fill.style.setProperty("--p", Math.max(0.02, (logs[n] - low) / Math.max(0.5, high - low)));
      line.append(element("span", "name", bar.label), fill, element("span", "number", amount(bar.seconds)), element("span", "note", bar.note));
      return line;
    }));
    words.textContent = reply.words;
    device.textContent = reply.gpu;
    buttons.forEach(([key, button]) => button.setAttribute("aria-pressed", String(key === reply.race)));
    root.dataset.race = reply.race;
    root.dataset.bars = String(reply.bars.length);
  }

  const talk = asking(model, root, () => ({ do: asked }), show);
  talk.open();
  return talk.stop;
}

export default { render };
