"""Text from outside on its way to a terminal."""

import io
import re

import pytest
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from torchcamp.base.terminal import MOST, clean, echo, open_console

HOSTILE = "\x1b]0;owned\x07\x1b[31m[/x][link=http://evil]a\u202eb\ud800\x9b31m\r"


def printed(*things: object, terminal: bool = True) -> str:
    stream = io.StringIO()
    console = open_console(file=stream, force_terminal=terminal, width=60, color_system="truecolor")
    for each in things:
        console.print(each)
    return stream.getvalue()


def table_of(text: str) -> Table:
    table = Table(text)
    table.add_row(text)
    return table


@pytest.mark.parametrize("made", [str, Text, table_of, Markdown, lambda text: Text(text, "bold")])
def test_a_console_shows_hostile_text_without_its_controls_or_its_markup(made):
    shown = printed(made(HOSTILE))
    for control in ("\x1b]", "\x1b[31m", "\x07", "\u202e", "\ud800", "\x9b", "\x1b]8"):
        assert control not in shown, repr(shown)
    assert "[/x]" in re.sub(r"\x1b\[[\d;]*m", "", shown)
    shown.encode()


def test_a_console_keeps_its_own_colours():
    assert printed(Text("red", "red")) == "\x1b[31mred\x1b[0m\n"


def test_columns_stay_aligned():
    table = Table(box=None, pad_edge=False)
    table.add_row("a\x1b\x00", "b")
    table.add_row("aaa", "b")
    lines = printed(table, terminal=False).splitlines()
    assert lines[-2].index("b") == lines[-1].index("b")


def test_what_is_echoed_is_clean_and_whole(capsys: pytest.CaptureFixture[str]):
    echo(HOSTILE + "x" * 10 * MOST)
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e", "\ud800", "\x9b", "\r"} & set(out)
    assert out.count("x") == 10 * MOST + 1


def test_a_message_is_cut():
    assert clean("a\tb\nc") == "a\tb\nc"
    cut = clean("x" * 10_000_000, MOST)
    assert len(cut) < MOST + 100
    assert cut.endswith("(9,998,000 more characters)")
