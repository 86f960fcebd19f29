"""A reading as one self-contained page: the source, what each line did, and the tape beside it."""

from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from torchcamp.pages.page import render_page


def render_reading(reading: dict[str, Any]) -> str:
    """The page of a reading; everything on it is inside the file."""
    coloured = {file: _coloured("\n".join(lines)) for file, lines in reading["files"].items()}
    return render_page("reading.html", title=reading["target"], reading=reading, code=coloured)


def _coloured(text: str) -> list[str]:
    """The lines as HTML, each whole by itself."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
