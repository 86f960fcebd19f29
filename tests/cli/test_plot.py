"""A curve drawn with braille characters."""

import itertools

from torchcamp.cli.plot import curve


def dots(text: str) -> list[str]:
    return [line[10:].ljust(20, " ") for line in text.splitlines()[:5]]


def test_a_line_that_falls_begins_at_the_top_and_ends_at_the_bottom():
    drawn = curve([(1e-3, 3.0), (1e-2, 2.0), (1e-1, 1.0)], mark=1e-2, width=20, height=5)
    rows = dots(drawn)
    filled = [[i for i, c in enumerate(row) if c not in " │"] for row in rows]
    assert filled[0][0] == 0
    assert filled[-1][-1] == 19
    assert all(a[-1] <= b[0] + 1 for a, b in itertools.pairwise(filled))
    assert "│" in rows[0][9:11]  # the mark, in the middle of a logarithmic axis
    assert drawn.splitlines()[0].split()[0] == "3"
    assert drawn.splitlines()[4].split()[0] == "1"


def test_powers_of_ten_stand_below_the_axis():
    drawn = curve([(1e-3, 3.0), (10.0, 1.0)], mark=1.0, width=40, height=5)
    assert drawn.splitlines()[-1].split() == ["1e-3", "1e-2", "1e-1", "1", "1e1"]
    assert drawn.splitlines()[-2].count("┬") == 5


def test_a_flat_line_is_drawn():
    assert "⠉" in curve([(0.1, 1.0), (1.0, 1.0)], mark=0.5, width=10, height=3)
