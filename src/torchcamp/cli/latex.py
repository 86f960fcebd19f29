"""Write the LaTeX formulas of statements as one line of Unicode, for the terminal.

The page typesets them; here `\\frac{a + b}{c}` becomes `(a + b) / c`. Only the commands that the
statements use are supported; a test checks that no other is left in them.
"""

import re

SYMBOLS = {
    "sum": "Σ", "cdot": "·", "leftarrow": "←", "partial": "∂", "nabla": "∇", "sqrt": "√",
    "varepsilon": "ε", "epsilon": "ε", "sigma": "σ", "rho": "ρ", "mu": "μ", "gamma": "γ",
    "alpha": "α", "beta": "β", "delta": "δ", "varphi": "φ", "mid": "|", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lVert": "‖", "rVert": "‖", "ne": "≠", "sim": "~",
    "approx": "≈", "dots": "…", "qquad": "     ", "quad": "   ", "left": "", "right": "",
    "log": "log", "max": "max", "min": "min", "tanh": "tanh",
}  # fmt: skip
PART = r"\{((?:[^{}]|\{[^{}]*\})*)\}"  # braces, nested at most once


def for_terminal(markdown: str) -> str:
    """The text with `$...$` and `$$...$$` written in Unicode; each `$$` formula is indented."""
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
    text = re.sub(r"\\([a-zA-Z]+) ?", lambda m: SYMBOLS.get(m.group(1), m.group(0)) + " ", text)
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
    """`part`, in parentheses unless it is a single symbol."""
    part = part.strip()
    single = re.fullmatch(r"\\?\w+|[^\s+\-·/]+", part)
    return part if single else f"({part})"
