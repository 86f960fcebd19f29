"""A lesson as a Jupyter notebook: the same text, pictures, widgets and checks, in thin cells.

A lesson's cells are functions of `lesson.py`. Their text becomes Markdown cells, and what they show
becomes code cells that call the same functions (see `jupyter.py`).
"""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from torchcamp.base.files import regular_text
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Lesson, course
from torchcamp.course.translation import translated

IMPORTS = """\
from torchcamp import jupyter

lesson, mo = jupyter.lesson, jupyter.mo"""
FIRST = """\
*This notebook is lesson {number} of {count} of torchcamp. In Colab, or where torchcamp is not installed, run
`%pip install torchcamp` first. Run the cells from top to bottom. Less is live here than in `torchcamp start`: a
figure that depends on another is drawn again when you run its cell again, and the network shown is your newest,
or the one that ships.*"""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """kind: "markdown" or "code"."""

    kind: str
    text: str


def notebook(lesson: Lesson) -> JsonObject:
    """The lesson in Jupyter's format, version 4.5."""
    cells = []
    for number, cell in enumerate(cells_of(lesson)):
        entry: JsonObject = {
            "cell_type": cell.kind,
            "id": f"{lesson.name}-{number}",
            "metadata": {},
            "source": cell.text.splitlines(keepends=True),
        }
        if cell.kind == "code":
            entry |= {"execution_count": None, "outputs": []}
        cells.append(entry)
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells_of(lesson: Lesson) -> list[Cell]:
    """The notebook's cells, in order."""
    number = 1 + course().lessons.index(lesson)
    first = FIRST.format(number=number, count=len(course().lessons))
    cells = [Cell(kind="markdown", text=first), Cell(kind="code", text=IMPORTS)]
    source = regular_text(translated(lesson.path))
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            cells += _cells(node, lesson, source)
    return cells


def _cells(function: ast.FunctionDef, lesson: Lesson, source: str) -> Iterator[Cell]:
    """What one of marimo's cells becomes: its statements, then what it shows, piece by piece."""
    body = [node for node in function.body if not isinstance(node, ast.Return)]
    body = [node for node in body if not _is_given(node)]
    shown = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    pieces = _pieces(shown.value) if isinstance(shown, ast.Expr) else []
    code = "\n".join(_source_of(node, source) for node in body)
    for piece in pieces:
        text = _as_markdown(piece, lesson)
        if text is not None:
            if code:
                yield Cell(kind="code", text=code)
            code = ""
            yield from text
        else:
            yield Cell(kind="code", text="\n".join(filter(None, [code, _source_of(piece, source)])))
            code = ""
    if code:
        yield Cell(kind="code", text=code)


def _source_of(node: ast.AST, source: str) -> str:
    """The node's lines as they were written, moved to the left margin."""
    text = ast.get_source_segment(source, node, padded=True) or ""
    return textwrap.dedent(text).strip()


def _is_given(node: ast.stmt) -> bool:
    """The imports of marimo and of the lessons' functions, which the first cell replaces."""
    names = [alias.name for alias in getattr(node, "names", [])]
    return names in (["marimo"], ["lesson"])


def _pieces(value: ast.expr) -> list[ast.expr]:
    """The parts of a stack, else the one value."""
    if _called(value) == "mo.vstack":
        assert isinstance(value, ast.Call)
        (items,) = value.args
        if isinstance(items, ast.List):
            return items.elts
    return [value]


def _as_markdown(value: ast.expr, lesson: Lesson) -> list[Cell] | None:
    """The cells of text that is known without running anything; None for code."""
    called = _called(value)
    if called == "lesson.opening":
        return [_markdown(f"# {lesson.title}\n\n**{lesson.question}**")]
    if called == "lesson.more_practice":
        practice = course().more_practice(lesson)
        cells = [Cell(kind="code", text=f'lesson.exercise("{each.name}")') for each in practice]
        return [_markdown("## More practice"), *cells]
    if called == "lesson.closing":
        sheet = lesson.beside("cheat_sheet.md")
        on_one_page = f"## On one page\n\n{sheet.read_text(encoding='utf-8')}\n\n" if sheet else ""
        return [_markdown(f"{on_one_page}{_way_on(lesson)}")]
    if called in ("lesson.prose", "mo.md"):
        assert isinstance(value, ast.Call)
        (text,) = value.args
        if isinstance(text, ast.Constant):
            return [_markdown(str(text.value))]
    return None


def _way_on(lesson: Lesson) -> str:
    names = [each.name for each in course().lessons]
    following = names[names.index(lesson.name) + 1 :]
    return f"Next: `torchcamp notebook {following[0]}`" if following else "The last lesson."


def _called(value: ast.expr) -> str:
    return ast.unparse(value.func) if isinstance(value, ast.Call) else ""


def _markdown(text: str) -> Cell:
    return Cell(kind="markdown", text=textwrap.dedent(text).strip())
