"""Formulas of the statements for a terminal: LaTeX as one line of Unicode.

The page sets them properly; here `\\frac{a + b}{c}` becomes `(a + b) / c`. Only what the statements
use is known, and a test holds that nothing else is left in them.
"""

import re

WORDS = {
    "sum": "Σ", "cdot": "·", "leftarrow": "←", "partial": "∂", "nabla": "∇", "sqrt": "√",
    "varepsilon": "ε", "epsilon": "ε", "sigma": "σ", "rho": "ρ", "mu": "μ", "gamma": "γ",
    "alpha": "α", "beta": "β", "delta": "δ", "varphi": "φ", "mid": "|", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lVert": "‖", "rVert": "‖", "ne": "≠", "sim": "~",
    "approx": "≈", "dots": "…", "qquad": "     ", "quad": "   ", "left": "", "right": "",
    "log": "log", "max": "max", "min": "min", "tanh": "tanh",
}  # fmt: skip
PART = r"\{((?:[^{}]|\{[^{}]*\})*)\}"  # braces with at most one more pair inside


def for_terminal(markdown: str) -> str:
    """The text with `$...$` and `$$...$$` written in Unicode; each `$$` formula on a line of its own."""
    markdown = re.sub(
        r"\$\$(.+?)\$\$", lambda m: "    " + one_line(m.group(1)), markdown, flags=re.DOTALL
    )
    return re.sub(r"\$([^$`]+?)\$", lambda m: one_line(m.group(1)), markdown)


def one_line(latex: str) -> str:
    """One formula: `\\frac{1}{N} \\sum_n y_n` as `1 / N Σ_n y_n`."""
    text = " ".join(latex.split())
    while re.search(rf"\\frac{PART}{PART}", text):
        text = re.sub(rf"\\frac{PART}{PART}", lambda m: _fraction(m.group(1), m.group(2)), text)
    text = re.sub(rf"\\(?:mathrm|text|mathrel){PART}", r"\1", text)
    text = re.sub(rf"\\sqrt{PART}", r"√(\1)", text)
    text = re.sub(r"\\hat\s*\{?([a-zA-Z])\}?", "\\1\u0302", text)
    text = re.sub(r"\\([a-zA-Z]+) ?", lambda m: WORDS.get(m.group(1), m.group(0)) + " ", text)
    text = text.replace("\\_", "_").replace("\\,", " ").replace("\\;", " ").replace("\\!", "")
    text = re.sub(rf"([_^]){PART}", lambda m: m.group(1) + _grouped(m.group(2)), text)
    text = re.sub(r"[{}]", "", text)
    text = re.sub(
        r"(?<=[⌊‖∂∇√Σ(⟨]) +(?=\S)|(?<=[σρμεγαβδφ⟩]) +(?=[_^)(,²])|(?<=max) +(?=_)| +(?=[⌋‖),⟩])",
        "",
        text,
    )
    return re.sub(r"(?<=\S) {2,4}(?=\S)", " ", text).strip()


def _fraction(above: str, below: str) -> str:
    return f"{_grouped(above)} / {_grouped(below)}"


def _grouped(part: str) -> str:
    """In parentheses, where what follows would otherwise be read wrongly."""
    part = part.strip()
    single = re.fullmatch(r"\\?\w+|[^\s+\-·/]+", part)
    return part if single else f"({part})"
