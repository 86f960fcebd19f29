// In a lesson's page: brings the lesson back whose kernel was ended to free memory, as soon as the page
// is used again, and says when the whole course has ended. It runs before marimo's own scripts.
(() => {
  const SHUTDOWN = "MARIMO_SHUTDOWN"; // why the server closes the socket of a kernel that it ends
  const TEXT = {
    asleep: ["This lesson was put to sleep to save memory.", "Wake it up"],
    waking: ["Waking the lesson up …", ""],
    ended: [
      `The course has ended. Your answers are saved; ${
        "proxied" in document.currentScript.dataset
          ? "reload this page to start it again."
          : "start it again with: torchcamp start"
      }`,
      "",
    ],
  };
  const PATIENCE = 60_000; // ms after which a lesson that does not wake up is loaded anew
  const AWAKE = /^\{"op": ?"(completed-run|reconnected)"/; // messages of a kernel that is ready
  let state = "awake";
  let closed; // the socket of the kernel that was ended
  let note;
  let timer; // of the next look for the server
  let place; // where the reader was when the page was used again

  // marimo's page gives up once it hears that its kernel was ended. So it hears nothing until the
  // page is used again, and then of a lost connection: it connects anew and runs its cells in a new
  // kernel, and stays where it was.
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      if (!new URL(this.url).pathname.endsWith("/ws")) return;
      this.addEventListener("message", (event) => {
        if (state !== "awake" && AWAKE.test(event.data)) awake();
      });
      this.addEventListener("open", () => state === "ended" && become("waking"));
      this.addEventListener("close", (event) => {
        if (event.reason === SHUTDOWN) {
          event.stopImmediatePropagation();
          closed = this;
          become("asleep");
        }
        lookIn(1500); // the kernel may have ended with the whole course
      });
    }
  };

  function become(next) {
    state = next;
    note?.remove();
    if (state === "awake") return;
    const [words, button] = TEXT[state];
    note = document.createElement("div");
    note.className = "sitting";
    note.dataset.state = state;
    note.setAttribute("role", "status");
    const card = note.appendChild(document.createElement("p"));
    card.textContent = words;
    if (button) card.appendChild(document.createElement("button")).textContent = button;
    document.body.appendChild(note);
  }

  function wake() {
    if (state !== "asleep" || document.hidden) return;
    place = whereabouts();
    become("waking");
    setTimeout(() => state === "waking" && location.reload(), PATIENCE);
    closed.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  }

  // The cell at the top of the window, and how far it stands below the window's edge.
  function whereabouts() {
    const cells = [...document.querySelectorAll("#App [id^='cell-'], #App [id^='output-']")];
    const cell = cells.find((each) => each.getBoundingClientRect().bottom > 0);
    return cell && { id: cell.id, top: cell.getBoundingClientRect().top };
  }

  // The cells' outputs are made anew and grow to their height: the page is held at its place until
  // they have, or until the reader moves on.
  function awake() {
    become("awake");
    const until = performance.now() + 4000;
    const stop = new AbortController();
    for (const use of ["wheel", "touchstart", "pointerdown", "keydown"])
      window.addEventListener(use, () => stop.abort(), { capture: true, signal: stop.signal });
    const hold = () => {
      const cell = place && document.getElementById(place.id);
      if (stop.signal.aborted || !cell || performance.now() > until) return stop.abort();
      const off = cell.getBoundingClientRect().top - place.top;
      if (Math.abs(off) > 1) document.getElementById("App").scrollTop += off;
      setTimeout(hold, 50);
    };
    hold();
  }

  function lookIn(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(look, milliseconds);
  }

  // Whether the server still answers, asked from the loss of a socket on until the page is awake.
  async function look() {
    const answers = await fetch("health", { cache: "no-store" }).then(
      // A course that was started anew refuses the former one's pages; a proxy leads to its login.
      (answer) => answer.ok && !answer.redirected,
      () => false,
    );
    if (!answers && state !== "ended") become("ended");
    if (answers && state === "ended" && closed) become("asleep");
    if (state !== "awake") lookIn(3000);
  }

  document.addEventListener("visibilitychange", wake);
  window.addEventListener("focus", wake);
  for (const use of ["pointerdown", "keydown"]) document.addEventListener(use, wake, true);
})();
