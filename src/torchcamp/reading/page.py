"""A reading as one self-contained page: the source, what each line did, and the tape beside it.

Or one function of it, to be shown inside a lesson.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from torchcamp.base.look import tokens
from torchcamp.pages.numbers import amount
from torchcamp.pages.page import render_page
from torchcamp.reading.difference import Difference, Pair
from torchcamp.reading.reading import Line, Reading, Value
from torchcamp.reading.statements import statements_of

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class CodeLine:
    """A line of text, in colours."""

    indent: int
    """Characters that it is indented by, which are not in `html`."""
    html: Markup


@dataclass(frozen=True, kw_only=True)
class QuotedLine:
    """A statement, or a line of text between two, and what is shown next to it."""

    code: list[CodeLine]
    skipped: bool = False
    """It is a statement that did not run."""
    values: list[Value]
    nodes: str = ""
    flops: str = ""


def render_reading(reading: Reading) -> str:
    """The page of a reading; everything on it is inside the file."""
    code = {
        file: [(line.indent, line.html) for line in code_lines("\n".join(lines))]
        for file, lines in reading.files.items()
    }
    return render_page(
        "reading/reading.html",
        title=_object(reading.target),
        target=breakable(reading.target),
        own_style=Markup((HERE / "reading.css").read_text(encoding="utf-8")),
        script=Markup((HERE / "reading.js").read_text(encoding="utf-8")),
        reading=reading.as_json(),
        order=[(lines[0].file, lines[0].function) for lines in reading.functions()],
        code=code,
    )


def _object(target: str) -> str:
    """What was read: `VAE` of `models/vae.py:VAE`."""
    name = target.rpartition(":")[2]
    return name if re.fullmatch(r"[\w.]+", name) else target


@dataclass(frozen=True, kw_only=True)
class ComparedSide:
    """A statement before or after, ready for the template."""

    line: int | None
    code: list[CodeLine]
    title: str
    facts: list[tuple[str, str, bool]]
    """Name and words of what it did, and whether that differs from the other side."""


def render_difference(difference: Difference) -> str:
    """The page on which two readings stand side by side."""
    functions = [
        (function, [(pair, *_sides(pair)) for pair in function.pairs])
        for function in difference.functions
    ]
    return render_page(
        "reading/difference.html",
        title=f"{difference.before.target} → {difference.after.target}",
        headings=[breakable(each.target) for each in (difference.before, difference.after)],
        own_style=Markup((HERE / "difference.css").read_text(encoding="utf-8")),
        difference=difference,
        functions=functions,
        breakable=breakable,
    )


def _sides(pair: Pair) -> tuple[ComparedSide | None, ComparedSide | None]:
    before, after = (
        entry
        and ComparedSide(
            line=entry.line,
            code=code_lines(entry.source, dedent=False) if entry.line else _plain(entry.source),
            title=entry.source,
            facts=[
                ("" if name == "shapes" else name, words, name in pair.changed)
                for name, words in entry.facts.items()
            ],
        )
        for entry in (pair.before, pair.after)
    )
    return before, after


def _plain(text: str) -> list[CodeLine]:
    """A line that is not Python."""
    indent = len(text) - len(text.lstrip())
    return [CodeLine(indent=indent, html=_breakable_code(str(escape(text.strip())), text.strip()))]


def breakable(text: str) -> Markup:
    """Text that a browser may break after a slash, a dot, a colon or an underscore."""
    return Markup(re.sub(r"(?<=[/._:])(?=.)", "<wbr>", escape(text)))


def render_function(reading: Reading, name: str, caption: str, *, tape: bool = False) -> str:
    """The lines of one function with the shapes that each made, as HTML for inside a page.

    Args:
        tape: show the nodes that each line put on the tape instead of shapes and FLOPs.

    Raises:
        KeyError: the function did not run.
    """
    rows = {line.line: line for line in reading.lines if line.function == name}
    if not rows:
        raise KeyError(name)
    (file,) = {row.file for row in rows.values()}
    functions = statements_of(file).functions.values()  # type: ignore[union-attr] - it was read
    first, last = next((f.first_line, f.end_line) for f in functions if f.name == name)
    code = code_lines("\n".join(reading.files[file][first - 1 : last]))
    lines, number = [], first
    while number <= last:  # what lies between the statements, comments above all, belongs to it
        row = rows.get(number)
        end = row.end_line if row else number
        lines.append(_quoted(code[number - first : end - first + 1], row, tape))
        number = end + 1
    return _quote(lines, caption)


def render_source(source: str, caption: str) -> str:
    """Lines that were not run, in the same frame."""
    lines = [_quoted([line], None, False) for line in code_lines(source)]
    return _quote(lines, caption)


def _quote(lines: list[QuotedLine], caption: str) -> str:
    own_tokens = Markup(tokens(".torchcamp-quoted"))
    return render_page("reading/quoted.html", lines=lines, caption=caption, own_tokens=own_tokens)


def _quoted(code: list[CodeLine], row: Line | None, tape: bool) -> QuotedLine:
    """The lines of a statement, or of a line without one (`row` is None), ready for the template."""
    if row is None:
        return QuotedLine(code=code, values=[])
    is_text = row.source.lstrip().startswith(('"', "'"))
    skipped = not row.executed and not is_text
    if tape:
        nodes = " ".join(node.removesuffix("0").removesuffix("Backward") for node in row.nodes)
        return QuotedLine(code=code, skipped=skipped, values=[], nodes=nodes)
    flops = (row.with_calls or row).flops_forward
    return QuotedLine(
        code=code,
        skipped=skipped,
        values=row.values,
        flops=f"{amount(int(flops))} FLOPs" if flops else "",
    )


def code_lines(source: str, *, dedent: bool = True) -> list[CodeLine]:
    """Each line in colours without its indentation, which the template gives to wrapped lines too."""
    lines = (textwrap.dedent(source) if dedent else source).split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines]
    stripped = [
        re.sub(rf"^((?:<[^>]+>)*)[ \t]{{{indent}}}", r"\1", html)
        for indent, html in zip(indents, coloured("\n".join(lines)), strict=False)
    ]
    return [
        CodeLine(indent=indent, html=_breakable_code(html, line.strip()))
        for indent, html, line in zip(indents, stripped, lines, strict=False)
    ]


def _breakable_code(html: str, text: str) -> Markup:
    """A coloured line that may break inside of long words too, after a dot, say, or before a capital."""
    long = {n for run in re.finditer(r"\S{25,}", text) for n in range(run.start(), run.end())}
    if not long:
        return Markup(html)
    made, place = [], 0
    for part in re.findall(r"<[^>]+>|&#?\w+;|.", html):  # a tag, or one character
        made.append(part)
        if not (part.startswith("<") and len(part) > 1):
            following = text[place + 1 : place + 2]
            if place in long and (part in "._([=/" or (part.islower() and following.isupper())):
                made.append("<wbr>")
            place += 1
    return Markup("".join(made))


def coloured(text: str) -> list[str]:
    """The lines as HTML, each whole by itself."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
