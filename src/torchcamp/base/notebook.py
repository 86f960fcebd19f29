"""Small pieces of HTML for notebooks: a table, a picture, bars. Escaped, without a style sheet.

A notebook calls `_repr_html_` of the last value of a cell and shows what it returns.
"""

import base64
from collections.abc import Iterable, Sequence
from html import escape

BAR = "display:inline-block;height:.7em;background:#4c78a8;margin-right:.4em"


def table(rows: Iterable[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Rows of cells, each of them HTML already (see `text`); the first column names the row."""
    parts = ["<table>"]
    if header:
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in header)
        parts.append(f"<thead><tr>{cells}</tr></thead>")
    parts.append("<tbody>")
    for name, *cells in rows:
        rest = "".join(f"<td>{cell}</td>" for cell in cells)
        parts.append(f"<tr><th>{name}</th>{rest}</tr>")
    parts.append("</tbody></table>")
    return "".join(parts)


def text(value: object) -> str:
    """`value` as text in which nothing is markup."""
    return escape(str(value))


def bold(value: object) -> str:
    """`value` as bold text."""
    return f"<b>{text(value)}</b>"


def picture(png: bytes, words: str = "", *, height: int = 0) -> str:
    """A PNG file inside the page, its pixels as squares; `height` in pixels of the screen."""
    size = f"height:{height}px;" if height else ""
    code = base64.b64encode(png).decode()
    return (
        f'<img alt="{escape(words)}" title="{escape(words)}" '
        f'style="{size}image-rendering:pixelated" src="data:image/png;base64,{code}">'
    )


def bar(share: float) -> str:
    """A bar as long as `share` of its column, and the share as a percentage."""
    return f'<span style="{BAR};width:{8 * share:.2f}em"></span>{percent(share)}'


def percent(share: float) -> str:
    """`98.2 %`"""
    return f"{100 * share:.1f} %"


def few(names: Sequence[str], count: int = 12) -> str:
    """The first names, and how many there are."""
    more = f", ... ({len(names):,} in all)" if len(names) > count else ""
    return text(", ".join(names[:count]) + more)


def measured(value: float, error: float | None, unit: str = "", **others: object) -> str:
    """`0.9944 ± 0.0007 share`"""
    spread = "" if error is None else f" ± {error:.2g}"
    return text(f"{value:.4g}{spread} {unit}".strip())
