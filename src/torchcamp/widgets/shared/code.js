// Python in colours: spans in a node of the class `python`.

import { element } from "./dom.js";

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except " +
    "finally for from global if import in is lambda nonlocal not or pass raise return try while " +
    "with yield"
  ).split(" "),
);

// String, comment, number, decorator, name: in the order in which `colour` takes them.
const TOKENS = new RegExp(
  [
    /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)/,
    /(#[^\n]*)/,
    /(\b\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?\b)/,
    /(@[\w.]+)/,
    /((?<!-)[A-Za-z_]\w*)/, // not the `from` of a command's `--from`
  ]
    .map((token) => token.source)
    .join("|"),
  "g",
);

export function colour(text) {
  const fragment = document.createDocumentFragment();
  let last = 0;
  let afterDef = false;
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
  fragment.append(text.slice(last));
  return fragment;
}

// The same for lines that are shown apart, where a string may go over several of them.
export function colourLines(lines) {
  const coloured = lines.map(() => document.createDocumentFragment());
  let at = 0;
  for (const node of [...colour(lines.join("\n")).childNodes]) {
    node.textContent.split("\n").forEach((part, number) => {
      if (number) at += 1;
      if (part) coloured[at].append(node.className ? element("span", node.className, part) : part);
    });
  }
  return coloured;
}
