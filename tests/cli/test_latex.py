"""LaTeX in the terminal: formulas become Unicode, and no statement keeps any LaTeX."""

import pytest

from torchcamp.cli.latex import for_terminal, one_line
from torchcamp.course.content import course


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{1}{N} \sum_n (\hat y_n - y_n)^2", "1 / N Σ_n (y\u0302_n - y_n)^2"),
        (r"\frac{1}{1 + e^{-x}}", "1 / (1 + e^(-x))"),
        (r"o = \left\lfloor \frac{i - k + 2p}{s} \right\rfloor + 1", "o = ⌊(i - k + 2p) / s⌋ + 1"),
        (r"\frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}}", "(x - μ_c) / (√(σ_c^2 + ε))"),
        (r"W \leftarrow W - \rho\, \nabla_W L", "W ← W - ρ ∇_W L"),
    ],
)
def test_one_line(latex: str, text: str):
    assert one_line(latex) == text


@pytest.mark.parametrize("name", list(course().exercises))
def test_no_latex_is_left(name: str):
    text = for_terminal(course().exercises[name].statement)
    assert "\\" not in text
    assert "$" not in text
