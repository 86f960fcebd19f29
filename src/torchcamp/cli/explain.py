"""`torchcamp explain`"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.files import MOST_SOURCE
from torchcamp.base.terminal import open_console
from torchcamp.cli.shared import json_option, print_json, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from torchcamp.course.known_errors import Explained, Explanation

PIPED = 80  # columns where the output is not a terminal
MAX_WIDTH = 100  # columns; longer lines of prose are hard to read
MESSAGE_LINES = 6  # of a message; those of load_state_dict can fill a screen
SHORT = 40  # characters; shorter code in a sentence is not broken
JOINT = "\ue000"  # stands for a blank that must not become a line break


@click.command("explain")
@click.argument("message", nargs=-1)
@click.option(
    "--list", "only_list", is_flag=True, help="List the messages that are explained, by name."
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page of all messages, one file.",
)  # fmt: skip
@json_option
def command(message: tuple[str, ...], only_list: bool, html: Path | None, as_json: bool) -> int:
    """Explain an error message of PyTorch, with its numbers.

    MESSAGE is the message in quotes, a whole traceback, or a name from --list. Without one, it is read
    from standard input:

    \b
      torchcamp explain "mat1 and mat2 shapes cannot be multiplied (64x512 and 256x10)"
      python train.py 2>&1 | torchcamp explain
    """
    if html:
        _write(html)
    if only_list:
        _list(as_json)
    if html or only_list:
        return 0
    from torchcamp.course.known_errors import explain

    text = " ".join(message)
    if text in ("", "-"):
        text = _standard_input()
    explained = explain(text)
    if as_json:
        print_json(explained.as_json())
    else:
        _print(explained)
    return 0


def _standard_input() -> str:
    if sys.stdin.isatty():
        say("paste the message or the whole traceback, then press Ctrl-D")
    text = sys.stdin.read(MOST_SOURCE + 1)
    if len(text) > MOST_SOURCE:
        raise click.UsageError("standard input does not end; pipe a traceback into it")
    if not text.strip():
        raise click.UsageError(
            'which message? Put it in quotes, torchcamp explain "MESSAGE", or pipe a traceback into it'
        )
    return text


def _write(file: Path) -> None:
    from torchcamp.base.files import save_text
    from torchcamp.course.errors_page import errors_page

    page = errors_page()
    try:
        save_text(file, page)
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from error
    say(f"page: {file}")


# --- On the terminal ----------------------------------------------------------------------


def _list(as_json: bool) -> None:
    from rich.text import Text

    from torchcamp.course.known_errors import example_of, known_errors

    errors = known_errors().values()
    if as_json:
        print_json([{"message": e.message, **example_of(e).as_json()} for e in errors])
        return
    console = _console()
    for group in dict.fromkeys(error.group for error in errors):
        console.print(Text(group, "bold green"))
        for error in errors:
            if error.group == group:
                console.print(Text.assemble("  ", (error.name, "bold"), f"  {error.title}"))
                line = Text(f"    {' '.join(error.message.split())}", "dim")
                console.print(line, no_wrap=True, overflow="ellipsis")
        console.print()
    say(f"{len(errors)} messages; torchcamp explain NAME explains one")


def _print(explained: "Explained") -> None:
    from rich.text import Text

    console = _console()
    lines = explained.message.splitlines()
    for line in lines[:MESSAGE_LINES]:
        _wrapped(console, Text(line.strip(), "red"))
    if lines[MESSAGE_LINES:]:
        console.print(Text("…", "red"))
    if place := explained.place:
        console.print(Text.assemble("raised from ", (f"{place.file}:{place.line}", "bold")))
        if place.code:
            _wrapped(console, _coloured(place.code), indent=4)
    for explanation in explained.explanations:
        _explain(console, explanation)


def _explain(console: "Console", explanation: "Explanation") -> None:
    from rich.text import Text

    error = explanation.error
    console.print()
    _wrapped(console, Text(error.title, "bold"))
    _wrapped(console, _marked(" ".join(explanation.means)))
    for heading, sentences, mark in (
        ("What stands in the message", explanation.numbers, "·"),
        ("Usual causes, the likeliest first", explanation.causes, ""),
        ("What to do", explanation.mend, "·"),
        ("What to look at next", explanation.next, "·"),
    ):
        if sentences:
            console.print(Text(f"\n{heading}", "bold green"))
        for number, sentence in enumerate(sentences, start=1):
            _wrapped(console, _marked(sentence), indent=2, mark=mark or f"{number}.")
    for heading, code, style in (
        ("An example that raises it", error.example, "red"),
        ("The same, mended", error.mended, "green"),
    ):
        console.print(Text(f"\n{heading}", f"bold {style}"))
        for line in code.splitlines():
            _wrapped(console, _coloured(line), indent=4) if line else console.print()
    if explanation.lesson_title:
        console.print(Text(f"\nLesson: {explanation.lesson_title} (torchcamp start)", "dim"))


def _console() -> "Console":
    console = open_console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED
    console.width = min(console.width, MAX_WIDTH)
    return console


def _wrapped(console: "Console", text: "Text", indent: int = 0, mark: str = "") -> None:
    """Print text, every line of it indented, the first behind a mark."""
    from rich.text import Text

    hanging = indent + (len(mark) + 1 if mark else 0)
    first = f"{' ' * indent}{mark} " if mark else " " * indent
    width = max(console.width - hanging, 20)
    for number, line in enumerate(text.wrap(console, width, overflow="fold")):
        line.rstrip()
        line.plain = line.plain.replace(JOINT, " ")
        console.print(Text(first if number == 0 else " " * hanging) + line)


def _marked(sentence: str) -> "Text":
    """A sentence whose `code` is coloured; the backticks stay where there are no colours."""
    from rich.text import Text

    return Text.assemble(*_parts(sentence))


def _parts(sentence: str) -> Iterator[tuple[str, str]]:
    for number, part in enumerate(sentence.split("`")):
        if number % 2:
            code = part if len(part) > SHORT else part.replace(" ", JOINT)
            yield f"`{code}`", "cyan"
        else:
            yield part, ""


def _coloured(code: str) -> "Text":
    from rich.syntax import Syntax

    text = Syntax("", "python", theme="ansi_dark").highlight(code)
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return text
