// Questions to Python, one at a time, and figures that go on by themselves.

import { pressable } from "./controls.js";
import { element, toBytes } from "./dom.js";

// One question under way; what changed meanwhile is asked about when its answer is here. Nothing is
// asked while the figure is off-screen.
export function asking(model, root, state, show) {
  let waiting = false;
  let dirty = false;
  let visible = true;
  let id = 0;
  let asked = 0;
  let patience = 0;
  const ask = () => {
    if (waiting || !visible) {
      dirty = true;
      return;
    }
    waiting = true;
    dirty = false;
    asked = performance.now();
    patience = setTimeout(() => root.classList.add("waiting"), 300);
    model.send({ kind: "ask", id: ++id, state: state() });
  };
  const failure = element("p", "failure");
  failure.hidden = true;
  root.append(failure);
  // The first answer came with the figure.
  const open = () => {
    show(model.get("opening"), model.get("arrays").map(toBytes));
    root.dataset.answers = "0";
  };
  const onMessage = (message, buffers) => {
    if (message.kind !== "answer") return;
    waiting = false;
    clearTimeout(patience);
    root.classList.remove("waiting");
    root.dataset.milliseconds = (performance.now() - asked).toFixed(1);
    failure.hidden = !message.reply.failed;
    failure.textContent = message.reply.failed ?? "";
    if (!message.reply.failed) {
      show(message.reply, (buffers ?? []).map(toBytes));
    }
    root.dataset.answers = String(message.id);
    if (dirty) ask();
  };
  model.on("msg:custom", onMessage);
  const watcher = new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible && dirty) ask();
  });
  watcher.observe(root);
  const stop = () => {
    watcher.disconnect();
    model.off("msg:custom", onMessage);
  };
  return { ask, open, stop, isVisible: () => visible, isWaiting: () => waiting };
}

// keep("row") makes the handler of a control: its value goes to state.row, and a question is asked.
export function keeping(state, ask) {
  return (key) => (value) => {
    state[key] = value;
    ask();
  };
}

// A figure that goes on by itself, with its two buttons. What is to be done is sent once, whatever
// is asked meanwhile; while it plays, each answer asks for the next frame.
export function running(root, { caption, title, frame, ask, onStop }) {
  let command = null;
  let playing = false;
  const order = (wanted) => {
    if (wanted.do !== "look" || !command) command = wanted;
    ask();
  };
  const button = pressable(caption, () => set(!playing), title);
  button.className = "go";
  const set = (on) => {
    if (playing && !on && onStop) onStop();
    playing = on;
    button.textContent = on ? "Stop" : caption;
    root.dataset.playing = String(on);
    if (on) order(frame());
  };
  const restart = pressable("Begin again", () => {
    set(false);
    order({ do: "reset" });
  });
  const take = () => {
    const taken = command ?? { do: "look" };
    command = null;
    return taken;
  };
  const next = () => {
    root.dataset.frames = String(Number(root.dataset.frames ?? 0) + 1);
    if (!playing) return;
    requestAnimationFrame(() => {
      if (playing) order(frame());
    });
  };
  return { button, restart, order, set, take, next };
}
