// Nodes of the page, and numbers as text.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function shape(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

// A figure's outermost node, in the page.
export function figureRoot(el, className, label) {
  const root = element("div", `figure ${className}`);
  if (label) {
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", label);
  }
  el.append(root);
  return root;
}

// Text that a screen reader reads out when it changes.
export function liveText(tag = "p", className = "words") {
  const node = element(tag, className);
  node.setAttribute("aria-live", "polite");
  return node;
}

// A box with a title above its nodes.
export function titled(className, title, ...nodes) {
  const box = element("div", className);
  box.append(element("div", "title", title), ...nodes);
  return box;
}

// A row of a table: [text, class] of each cell.
export function tableRow(tag, cells) {
  const row = element("tr");
  for (const [text, className] of cells) row.append(element(tag, className, text));
  return row;
}

// A bar that is filled to a share between 0 and 1.
export function bar(share, className = "bar") {
  const node = element("span", className);
  node.style.setProperty("--p", share);
  return node;
}

// Numbers as Python prints them in a lesson: nan and inf by name, no digits that say nothing.
export function digits(value, count = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "nan";
  if (typeof value === "string") return value; // "inf", "-inf", "nan": JSON has no words for them
  if (value !== 0 && (Math.abs(value) < 10 ** -count || Math.abs(value) >= 1e6)) {
    return value.toExponential(2).replace("e+", "e").replace("-", "−");
  }
  return (+value.toFixed(count)).toString().replace("-", "−");
}

export function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

// Python sends nan and infinities as words.
export function numeric(values) {
  return values.map((value) => (typeof value === "number" ? value : NaN));
}

// Where a pointer is within a node: shares of its width and height.
export function pointerShare(node, event) {
  const area = node.getBoundingClientRect();
  return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
}

// While a node is dragged, onDrag gets where the pointer is within it. A slider of the same figure
// does the same for those who use the keyboard.
export function dragging(node, onDrag) {
  node.dataset.bySlider = "";
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    onDrag(pointerShare(node, event));
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (event.buttons) onDrag(pointerShare(node, event));
  });
}

// The bytes of one buffer of a message.
export function toBytes(view) {
  return new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
}

// The sum of a picture's bytes: it differs where the picture does.
export function sum(bytes) {
  return bytes.reduce((total, value) => total + value, 0);
}

// A box that scrolls sideways where it is too wide, and can then be reached by keyboard.
export function scrollable(node, label) {
  new ResizeObserver(() => {
    if (node.scrollWidth > node.clientWidth) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
  }).observe(node);
  node.setAttribute("role", "region");
  node.setAttribute("aria-label", label);
  return node;
}
