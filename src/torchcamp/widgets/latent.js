// A map of codes to drag over; sliders over one picture's code; the way from it to another one.

import { asking } from "./shared/ask.js";
import { pressable, slider } from "./shared/controls.js";
import {
  digits,
  element,
  figureRoot,
  liveText,
  percent,
  pointerShare,
  sum,
  titled,
} from "./shared/dom.js";
import { circle, classColour, NUM_PIXELS, paint, pictures, SIDE } from "./shared/paint.js";
import { arrow, paper } from "./shared/pen.js";
import { sentences } from "./shared/texts.js";

function render({ model, el }) {
  const root = figureRoot(el, "latent", "The codes of a VAE");
  const setup = model.get("setup");
  const state = structuredClone(model.get("state"));
  const say = sentences(model);
  const map = element("canvas", "field");
  map.width = map.height = 340;
  map.tabIndex = 0;
  map.setAttribute("aria-label", "Map of codes: drag, or move with the arrow keys");
  const legend = element("div", "legend");
  setup.names.forEach((name, n) => {
    const each = element("span", "", name);
    each.style.setProperty("--c", classColour(n));
    legend.append(each);
  });
  const decoded = element("canvas", "pixels big");
  const top = element("div", "side-by-side");
  top.append(
    titled("", "where the test pictures' codes lie: drag", map, legend),
    titled("", "the place, decoded", decoded),
  );

  const begin = (which, pixels) => {
    state[which] = pixels;
    if (which === "first") state.values = null;
    talk.ask();
  };
  const sheet = (which, title) =>
    paper(title, {
      onChange: (pixels) => begin(which, pixels),
      onExample: () => {
        state[`${which}Example`] += 2;
        begin(which, null);
      },
    });
  const first = sheet("first", "one picture: draw");
  const second = sheet("second", "another: draw");
  const slid = element("canvas", "pixels big");
  const setValues = (values) => {
    state.values = values;
    talk.ask();
  };
  const range = { min: -3, max: 3, step: 0.05, value: 0 };
  const handles = setup.latents.map((latent, n) =>
    slider(`z${latent}`, range, (value) => {
      setValues(handles.map((each, m) => (m === n ? value : Number(each.input.value))));
    }),
  );
  const back = pressable("Back to its code", () => setValues(null));
  const sliders = handles.map((each) => each.root);
  const middle = element("div", "side-by-side");
  middle.append(
    first.box,
    titled("", "its code decoded, with the sliders", slid),
    titled("sliders grow", "the eight latents that tell most", ...sliders, back),
  );
  const bottom = element("div", "side-by-side");
  const way = element("div", "grow");
  bottom.append(second.box, way);
  const explanation = liveText();
  root.append(top, middle, bottom, explanation);

  const toMap = ([x, y]) => [
    ((x / setup.extent + 1) / 2) * map.width,
    ((1 - y / setup.extent) / 2) * map.height,
  ];
  function drawMap(places) {
    const context = map.getContext("2d");
    context.clearRect(0, 0, map.width, map.height);
    context.globalAlpha = 0.65;
    setup.points.forEach((point, i) => {
      context.fillStyle = classColour(setup.labels[i]);
      circle(context, toMap(point), 2.4);
      context.fill();
    });
    context.globalAlpha = 1;
    context.strokeStyle = getComputedStyle(root).color;
    const mark = (point, radius, width) => {
      context.lineWidth = width;
      circle(context, toMap(point), radius);
      context.stroke();
    };
    for (const place of places) mark(place, 5, 1.5);
    context.beginPath();
    context.setLineDash([4, 3]);
    context.moveTo(...toMap(places[0]));
    context.lineTo(...toMap(places[1]));
    context.stroke();
    context.setLineDash([]);
    mark(state.at, 9, 3);
  }

  const go = (place) => {
    state.at = place.map((value) => Math.min(setup.extent, Math.max(-setup.extent, value)));
    talk.ask();
  };
  const drag = (event) => {
    const [x, y] = pointerShare(map, event);
    go([(2 * x - 1) * setup.extent, (1 - 2 * y) * setup.extent]);
  };
  map.style.touchAction = "none";
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    drag(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (event.buttons) drag(event);
  });
  map.addEventListener("keydown", (event) => {
    const step = arrow(event);
    if (!step) return;
    const size = setup.extent / 25;
    go([state.at[0] + step[0] * size, state.at[1] - step[1] * size]);
    event.preventDefault();
  });

  function show(reply, [sheets, onMap, moved, between]) {
    // A drawing is ahead of the answer: it stays as it is.
    if (state.first === null) first.set(sheets.subarray(0, NUM_PIXELS));
    if (state.second === null) second.set(sheets.subarray(NUM_PIXELS));
    paint(decoded, onMap, SIDE, SIDE, false);
    paint(slid, moved, SIDE, SIDE, false);
    handles.forEach((each, n) => {
      if (state.values === null) each.set(reply.values[n]);
    });
    const line = pictures(between, between.length / NUM_PIXELS);
    way.replaceChildren(element("div", "title", say("way")), line);
    drawMap(reply.places);
    explanation.textContent = say("explanation", {
      latents: reply.numLatents,
      share: percent(setup.share),
      first: digits(reply.kl[0], 1),
      second: digits(reply.kl[1], 1),
    });
    root.dataset.at = state.at.map((v) => v.toFixed(3)).join(" ");
    root.dataset.picture = sum(onMap);
    root.dataset.moved = sum(moved);
  }

  const talk = asking(model, root, () => state, show);
  talk.open();
  return talk.stop;
}

export default { render };
