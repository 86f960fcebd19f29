"""A curve as text: braille characters, two dots wide and four high each."""

import itertools
import math
from collections.abc import Callable, Sequence

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row][column], from the top


def curve(
    points: Sequence[tuple[float, float]], *, mark: float, width: int = 60, height: int = 12
) -> str:
    """`points` over a logarithmic x axis, with a column of bars at x = `mark`.

    Args:
        points: (x, y) with positive, rising x.
        width, height: of the drawing in characters, without its labels.
    """
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right = math.log10(xs[0]), math.log10(xs[-1])
    low, high = min(ys), max(ys)

    def column(x: float) -> int:
        share = (math.log10(x) - left) / ((right - left) or 1)
        return round(min(max(share, 0.0), 1.0) * (2 * width - 1))

    def row(y: float) -> int:
        return round((high - y) / ((high - low) or 1) * (4 * height - 1))

    dots = {(column(x), row(y)) for x, y in points}
    for (x0, y0), (x1, y1) in itertools.pairwise(points):  # join neighbours
        steps = max(abs(column(x1) - column(x0)), abs(row(y1) - row(y0)), 1)
        dots |= {
            (
                round(column(x0) + (column(x1) - column(x0)) * k / steps),
                round(row(y0) + (row(y1) - row(y0)) * k / steps),
            )
            for k in range(steps)
        }
    lines = []
    for r in range(height):
        label = {0: f"{high:.3g}", height - 1: f"{low:.3g}"}.get(r, "")
        cells = ""
        for c in range(width):
            code = sum(
                DOTS[dy][dx]
                for dx in range(2)
                for dy in range(4)
                if (2 * c + dx, 4 * r + dy) in dots
            )
            empty = "│" if c == column(mark) // 2 else " "
            cells += chr(0x2800 + code) if code else empty
        lines.append(f"{label:>8} ┤{cells}".rstrip())
    return "\n".join([*lines, *_axis(xs, column, width)])


def _axis(xs: Sequence[float], column: Callable[[float], int], width: int) -> list[str]:
    """The x axis: a line, and powers of ten below it."""
    line, names = ["─"] * width, [" "] * (width + 6)
    for power in range(
        math.ceil(math.log10(xs[0]) - 1e-9), math.floor(math.log10(xs[-1]) + 1e-9) + 1
    ):
        place = column(10.0**power) // 2
        line[place] = "┬"
        for offset, letter in enumerate(f"1e{power}" if power else "1"):
            names[place + offset] = letter
    return [f"{'':>8} └{''.join(line)}", f"{'':>9} {''.join(names)}".rstrip()]
