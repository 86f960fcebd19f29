"""Line charts as SVG that takes its colours from the page, for light and dark alike.

A plotting library would fix the colours, or add a megabyte of script to the page.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from torchcamp.pages.page import style_sheet

WIDTH, HEIGHT = 460, 240  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 12, 36  # room for the labels
LEGEND_ROW = 18  # of a chart that is a file of its own
NUM_LOOKS = 8  # of series, before they repeat
# So that lines are told apart without their colours.
DASHES = ("", "7 3", "2 3", "9 3 2 3", "14 4", "5 3 1 3", "1 4", "9 3 2 3 2 3")
MOST_ROWS = 30  # of a line, in the table of a chart's numbers

Writing = Callable[[float], str]  # a number of the y axis as text


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line: its name, its points (x, y), whether each is marked, and whether they are joined."""

    name: str
    points: list[tuple[float, float]]
    marks: bool = False
    joined: bool = True


# Longer than 60 lines: one drawing, from its axes to its legend.
def line_chart(
    title: str,
    series: list[Series],
    x_label: str = "",
    *,
    mark: float | None = None,
    mark_label: str = "",
    log_x: bool = False,
    log_y: bool = False,
    x_names: Mapping[float, str] | None = None,
    percent: bool = False,
) -> Markup:
    """An `<svg>` of lines over one pair of axes, their legend, and their numbers folded below.

    Series without a name have no legend entry. Points that are not finite are left out.

    Args:
        title: what is drawn, for a screen reader and above the numbers; the caller shows it.
        mark: the x of a vertical line, with `mark_label` written beside it.
        log_x, log_y: draw x, or y, which must be positive, on a logarithmic scale.
        x_names: what stands below the axis, and where; round numbers if None.
        percent: y is a share, and written in per cent.
    """
    series = [replace(line, points=_finite(line.points)) for line in series]
    xs = [x for line in series for x, _ in line.points]
    ys = [y for line in series for _, y in line.points]
    if not xs:
        return Markup("")
    if log_y:
        low_y, high_y = min(ys), max(ys)
        y_ticks = log_ticks(low_y, high_y)
    else:
        y_ticks = ticks(min(ys), max(ys))
        low_y, high_y = min(y_ticks[0], *ys), max(y_ticks[-1], *ys)
    if x_names is not None:
        low_x, high_x = min(*x_names, *xs), max(*x_names, *xs)
        x_ticks = dict(x_names)
    elif log_x:
        low_x, high_x = min(xs), max(xs)
        x_ticks = {x: _short(x) for x in log_ticks(low_x, high_x)}
    else:
        round_xs = ticks(min(0.0, *xs), max(xs))
        low_x, high_x = min(0.0, *xs), max(max(xs), round_xs[-1] if len(xs) == 1 else max(xs))
        x_ticks = {x: _short(x) for x in round_xs}
    place = math.log10 if log_x else float
    raised = math.log10 if log_y else float

    def pixel(x: float, y: float) -> tuple[float, float]:
        share = (place(x) - place(low_x)) / ((place(high_x) - place(low_x)) or 1)
        right = share * (WIDTH - LEFT - RIGHT)
        height = (raised(y) - raised(low_y)) / ((raised(high_y) - raised(low_y)) or 1)
        up = height * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + right, 1), round(HEIGHT - BOTTOM - up, 1)

    written = _percent if percent else _short
    label = escape(_in_words(title, series, x_label, written))
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">']
    for y in y_ticks:
        _, height = pixel(low_x, y)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height}" y2="{height}"/>'
        )
        parts.append(
            f'<text class="tick" x="{LEFT - 8}" y="{height + 4}" text-anchor="end">{written(y)}</text>'
        )
    for x, name in x_ticks.items():
        if low_x <= x <= high_x:
            right, _ = pixel(x, low_y)
            parts.append(
                f'<text class="tick" x="{right}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(name)}</text>'
            )
    if x_label:
        parts.append(
            f'<text class="tick" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" '
            f'text-anchor="middle">{escape(x_label)}</text>'
        )
    if mark is not None:
        parts.append(_mark(pixel(mark, low_y)[0], mark_label))
    for number, line in enumerate(series):
        dots = [pixel(x, y) for x, y in line.points]
        drawn = [_marker(number, x, y) for x, y in dots] if line.marks or len(dots) == 1 else []
        if line.joined:
            path = " ".join(f"{x},{y}" for x, y in dots)
            drawn.insert(0, f'<polyline points="{path}"{_dashes(number)}/>')
        parts += [f'<g class="series-{number % NUM_LOOKS}">', *drawn, "</g>"]
    parts.append("</svg>")
    keys = [series_key(number, line.name) for number, line in enumerate(series) if line.name]
    if keys:
        parts.append(f'<div class="keys">{"".join(keys)}</div>')
    parts.append(_numbers(title, series, x_label or "x", dict(x_names or {}), written))
    return Markup("".join(parts))


def _finite(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]


def series_key(number: int, name: str) -> Markup:
    """What a legend shows for the series `number`, from 0: its line with its mark, and its name."""
    sample = f'<line x1="0" x2="26" y1="5" y2="5"{_dashes(number)}/>{_marker(number, 13, 5)}'
    return Markup(
        f'<span class="key series-{number % NUM_LOOKS}">'
        f'<svg viewBox="0 0 26 10" aria-hidden="true">{sample}</svg><b>{escape(name)}</b></span>'
    )


def _dashes(number: int) -> str:
    dashes = DASHES[number % NUM_LOOKS]
    return f' stroke-dasharray="{dashes}"' if dashes else ""


def _marker(number: int, x: float, y: float) -> str:
    """A circle, a square, a triangle or a diamond around (x, y)."""
    if number % 4 == 0:
        return f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>'
    corners = {
        1: ((-3, -3), (3, -3), (3, 3), (-3, 3)),
        2: ((0, -4), (3.6, 3), (-3.6, 3)),
        3: ((0, -4), (4, 0), (0, 4), (-4, 0)),
    }[number % 4]
    path = " ".join(f"{x + right:.4g},{y + down:.4g}" for right, down in corners)
    return f'<polygon class="dot" points="{path}"/>'


def _in_words(title: str, series: list[Series], x_label: str, written: Writing) -> str:
    """`Loss over epoch. training loss: 2.3 at first, 0.1 at last.`"""
    parts = [f"{title} over {x_label}." if x_label else f"{title}."]
    for line in series:
        ys = [y for _, y in line.points]
        if ys:
            name = f"{line.name}: " if line.name else ""
            says = (
                f"{written(ys[0])} at first, {written(ys[-1])} at last"
                if line.joined
                else f"{len(ys)} points from {written(min(ys))} to {written(max(ys))}"
            )
            parts.append(f"{name}{says}.")
    return " ".join(parts)


def _numbers(
    title: str, series: list[Series], x_label: str, x_names: dict[float, str], written: Writing
) -> str:
    """The points as a table, folded; of a long line about `MOST_ROWS`, evenly spread."""
    thinned = [line.points if line.marks else _thinned(line.points) for line in series]
    xs = sorted({x for points in thinned for x, _ in points})
    shown = [(line.name or title, points) for line, points in zip(series, thinned, strict=True)]
    shown = [(name, points) for name, points in shown if points]
    heads = "".join(f'<th class="number">{escape(name)}</th>' for name, _ in shown)
    rows = []
    for x in xs:
        cells = "".join(
            f'<td class="number">{", ".join(written(y) for each, y in points if each == x)}</td>'
            for _, points in shown
        )
        rows.append(f'<tr><th class="number">{escape(x_names.get(x, _short(x)))}</th>{cells}</tr>')
    several = any(len(some) < len(line.points) for some, line in zip(thinned, series, strict=True))
    note = f": {len(xs)} of the chart's points" if several else ""
    return (
        f'<details class="values"><summary>The numbers{note}</summary>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="The numbers: {escape(title)}">'
        f'<table><tr><th class="number">{escape(x_label)}</th>{heads}</tr>{"".join(rows)}</table>'
        "</div></details>"
    )


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Every n-th point, so that there are about `MOST_ROWS`, and the last one."""
    step = math.ceil(len(points) / MOST_ROWS)
    return points[:-1:step] + points[-1:] if step > 1 else points


def standalone(chart: Markup, names: Sequence[str] = ()) -> str:
    """A chart as an SVG file of its own, which follows the viewer's light or dark mode.

    Args:
        names: of its series, for a legend below it.
    """
    drawing = str(chart).partition("</svg>")[0]
    head, _, rest = drawing.partition(">")
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    whole = HEIGHT + LEGEND_ROW * len(names)
    head = head.replace(f'"0 0 {WIDTH} {HEIGHT}"', f'"0 0 {WIDTH} {whole}"')
    style = f"{style_sheet()}\nsvg {{ background: var(--card); }}"
    legend = "".join(
        f'<g class="series-{number % NUM_LOOKS}">'
        f'<polyline points="{LEFT},{y - 4} {LEFT + 26},{y - 4}"{_dashes(number)}/>{_marker(number, LEFT + 13, y - 4)}</g>'
        f'<text class="tick" x="{LEFT + 34}" y="{y}">{escape(name)}</text>'
        for number, name in enumerate(names)
        for y in [HEIGHT + LEGEND_ROW * number + 12]
    )
    return f"{head}><style>{style}</style>{rest}{legend}</svg>\n"


def _mark(x: float, label: str) -> str:
    """A vertical line at `x` with its label on the side that has more room."""
    beside, anchor = (x - 5, "end") if x > WIDTH / 2 else (x + 5, "start")
    return (
        f'<line class="mark" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text class="tick" x="{beside}" y="{TOP + 9}" text-anchor="{anchor}">'
        f"{escape(label)}</text>"
    )


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` round numbers from at or below `low` to at or above `high`."""
    if high - low <= 5e-5 * max(abs(low), abs(high)):  # the labels' six digits would all be equal
        high = low + (abs(low) or 1.0)
    raw = (high - low) / count
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten from `low` to `high`, every second one where they are many.

    Over less than two decades their doubles and halves too.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    digits = (1,) if math.log10(high / low) >= 2 else (1, 2, 5)
    found = [
        digit * 10.0**power
        for power in range(first, last + 1)
        for digit in digits
        if low * 0.999 <= digit * 10.0**power <= high * 1.001
    ]
    return found if len(found) <= 8 else found[::2]


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _short(value: float) -> str:
    return f"{value:.6g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.0e}"
