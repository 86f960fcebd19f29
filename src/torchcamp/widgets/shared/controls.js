// Buttons, choices and sliders.

import { digits, element } from "./dom.js";

export function pressable(text, onClick, title) {
  const node = element("button", "", text);
  node.type = "button";
  if (title) node.title = title;
  node.addEventListener("click", onClick);
  return node;
}

let numGroups = 0;

// A name for one group of radio buttons: in a notebook without shadow roots all figures share a
// page, and buttons of one name switch each other off.
export function groupName() {
  return `choice-${numGroups++}-${Math.random().toString(36).slice(2)}`;
}

// One of several, as radio buttons that look like one bar: arrow keys work by themselves.
export function choice(label, options, chosen, onChange) {
  const root = element("fieldset", "choice");
  if (label) root.append(element("legend", "", label));
  const name = groupName();
  const inputs = options.map(([value, text]) => {
    const line = element("label");
    const input = element("input");
    input.type = "radio";
    input.name = name;
    input.checked = value === chosen;
    input.addEventListener("change", () => onChange(value));
    line.append(input, element("span", "", text));
    root.append(line);
    return [value, input];
  });
  const set = (value) => {
    for (const [each, input] of inputs) input.checked = each === value;
  };
  return { root, set };
}

export function slider(label, { min, max, step, value, format = (v) => digits(v, 2) }, onInput) {
  const root = element("label", "slider");
  const input = element("input");
  input.type = "range";
  Object.assign(input, { min, max, step });
  input.value = value;
  const shown = element("output", "", format(Number(value)));
  input.addEventListener("input", () => {
    shown.textContent = format(Number(input.value));
    onInput(Number(input.value));
  });
  root.append(element("span", "", label), input, shown);
  const set = (next) => {
    input.value = next;
    shown.textContent = format(Number(next));
  };
  return { root, input, set };
}

// A slider over powers of ten: `value` and what `onInput` gets are the numbers themselves.
export function logSlider(label, { min, max, value }, onInput) {
  const format = (exponent) => (10 ** exponent).toPrecision(2);
  const range = { min, max, step: 0.05, value: Math.log10(value), format };
  return slider(label, range, (exponent) => onInput(10 ** exponent));
}

export function toggle(label, checked, onChange) {
  const root = element("label", "toggle");
  const input = element("input");
  input.type = "checkbox";
  input.checked = checked;
  input.addEventListener("change", () => onChange(input.checked));
  root.append(input, element("span", "", label));
  return { root, input };
}

// A toggle for each fault, [key, title]; the keys that are on stand in settings.faults.
export function faultToggles(faults, settings, onChange) {
  const box = element("div", "controls faults");
  if (faults.length) box.append(element("span", "label", "break it:"));
  for (const [key, title] of faults) {
    const change = (on) => {
      const others = settings.faults.filter((each) => each !== key);
      settings.faults = on ? [...others, key] : others;
      onChange();
    };
    box.append(toggle(title, false, change).root);
  }
  return box;
}

// A line of text to type in, with its label before it.
export function textField(label, value, onInput) {
  const root = element("label", "text-field");
  const input = element("input");
  input.value = value;
  input.spellcheck = false;
  input.addEventListener("input", () => onInput(input.value));
  root.append(element("span", "", label), input);
  return { root, input };
}

// Keys that press a button while the node itself has the focus.
export function shortcuts(root, buttons) {
  root.tabIndex = 0;
  root.addEventListener("keydown", (event) => {
    if (event.target !== root || !buttons[event.key]) return;
    buttons[event.key].click();
    event.preventDefault();
  });
}
