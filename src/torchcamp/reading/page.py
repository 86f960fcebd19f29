"""A reading as one self-contained page: the source, what each line did, and the tape beside it.

Or one function of it, as a piece of a lesson.
"""

import re
import textwrap
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from torchcamp.pages.numbers import amount
from torchcamp.pages.page import render_page
from torchcamp.reading.statements import statements_of


def render_reading(reading: dict[str, Any]) -> str:
    """The page of a reading; everything on it is inside the file."""
    coloured = {file: _coloured("\n".join(lines)) for file, lines in reading["files"].items()}
    return render_page(
        "reading/reading.html", title=reading["target"], reading=reading, code=coloured
    )


def render_function(reading: dict[str, Any], name: str, caption: str, *, tape: bool = False) -> str:
    """The lines of one function with the shapes that each made, as HTML for inside a page.

    Args:
        tape: show the nodes that each line put on the tape instead of shapes and FLOPs.

    Raises:
        KeyError: the function did not run.
    """
    rows = {line["line"]: line for line in reading["lines"] if line["function"] == name}
    if not rows:
        raise KeyError(name)
    (file,) = {row["file"] for row in rows.values()}
    places = statements_of(file).functions.values()  # type: ignore[union-attr] - it was read
    first, last = next((p.first_line, p.end_line) for p in places if p.name == name)
    code = _code("\n".join(reading["files"][file][first - 1 : last]))
    lines, number = [], first
    while number <= last:  # what lies between the statements, comments above all, belongs to it
        row = rows.get(number)
        end = row["end_line"] if row else number
        lines.append({"code": code[number - first : end - first + 1], **_shown(row, tape)})
        number = end + 1
    return render_page("reading/quoted.html", lines=lines, caption=caption)


def render_source(source: str, caption: str) -> str:
    """Lines that were not run, in the same frame."""
    lines = [{"code": [line], **_shown(None, False)} for line in _code(source)]
    return render_page("reading/quoted.html", lines=lines, caption=caption)


def _shown(row: dict[str, Any] | None, tape: bool) -> dict[str, Any]:
    """What stands beside a statement, or beside a line of text that is none."""
    if row is None:
        return {"skipped": False, "values": [], "nodes": "", "flops": ""}
    is_text = row["source"].lstrip().startswith(('"', "'"))
    flops = row.get("with_calls", row)["flops_forward"]
    nodes = " ".join(node.removesuffix("0").removesuffix("Backward") for node in row["nodes"])
    return {
        "skipped": not row["executed"] and not is_text,
        "values": []
        if tape
        else [value | {"shape": str(tuple(value["shape"]))} for value in row["values"]],
        "nodes": nodes if tape else "",
        "flops": f"{amount(int(flops))} FLOPs" if flops and not tape else "",
    }


def _code(source: str) -> list[dict[str, Any]]:
    """Each line in colours without its indentation, which a wrapped line keeps, in characters."""
    lines = textwrap.dedent(source).split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines]
    return [
        {"indent": indent, "html": Markup(re.sub(rf"^((?:<[^>]+>)*) {{{indent}}}", r"\1", html))}
        for indent, html in zip(indents, _coloured("\n".join(lines)), strict=False)
    ]


def _coloured(text: str) -> list[str]:
    """The lines as HTML, each whole by itself."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
