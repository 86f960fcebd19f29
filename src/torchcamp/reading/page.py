"""A reading as one self-contained page: the source, what each line did, and the tape beside it.

Or one function of it, as a piece of a lesson.
"""

import textwrap
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from torchcamp.pages.page import render_page
from torchcamp.pages.words import amount


def render_reading(reading: dict[str, Any]) -> str:
    """The page of a reading; everything on it is inside the file."""
    coloured = {file: _coloured("\n".join(lines)) for file, lines in reading["files"].items()}
    return render_page("reading.html", title=reading["target"], reading=reading, code=coloured)


def render_function(reading: dict[str, Any], name: str, caption: str, *, tape: bool = False) -> str:
    """The lines of one function with the shapes that each made, as HTML for inside a page.

    Args:
        tape: show the nodes that each line put on the tape instead of shapes and FLOPs.

    Raises:
        KeyError: the function did not run.
    """
    rows = [line for line in reading["lines"] if line["function"] == name]
    if not rows:
        raise KeyError(name)
    text = textwrap.dedent("\n".join(line["source"] for line in rows))
    coloured = iter(_coloured(text))
    lines = []
    for row in rows:
        code = [Markup(next(coloured)) for _ in row["source"].splitlines()]
        shown = [value | {"shape": str(tuple(value["shape"]))} for value in row["values"]]
        flops = row.get("with_calls", row)["flops_forward"]
        cost = f"{amount(int(flops))} FLOPs" if flops else ""
        nodes = " ".join(node.removesuffix("0").removesuffix("Backward") for node in row["nodes"])
        lines.append(
            {
                "code": code,
                "executed": row["executed"],
                "shown": [] if tape else shown,
                "nodes": nodes if tape else "",
                "flops": "" if tape else cost,
            }
        )
    return render_page("quoted.html", lines=lines, caption=caption)


def _coloured(text: str) -> list[str]:
    """The lines as HTML, each whole by itself."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
