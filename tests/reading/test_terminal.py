"""The listing of a reading, wide and narrow."""

import io
import re
from pathlib import Path

import pytest
import torch
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from torch import Tensor, nn

from tests.reading import zoo
from tests.reading.zoo import ZOO, vectors
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading
from torchcamp.reading.terminal import (
    FOLD,
    HOLD,
    PIPED_WIDTH,
    WIDE,
    listing,
    output_width,
    print_reading,
    wrapped,
)


def text(reading: Reading, width: int = WIDE, *, colours: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, highlight=False, force_terminal=colours,
        color_system="truecolor" if colours else None,
    )  # fmt: skip
    for part in listing(reading, width):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(shown: str, source: str) -> str:
    (line,) = [line for line in shown.splitlines() if source in line]
    return re.sub(r" {2,}", "  ", line.strip())


def test_a_wide_terminal_gets_a_table():
    shown = text(read(zoo.Recursive(), ZOO[zoo.Recursive]()))
    assert row(shown, "if depth == 0:").endswith("if depth == 0:  taken 1 of 5 times")
    assert re.search(r"^Recursive\.down  .*zoo\.py:\d+  5 calls$", shown, re.M)
    line = row(shown, "return self.down(x, 4)")
    assert line.endswith("return (2, 4)  256  448  100 %  128 B")  # with all that it calls


def test_a_narrow_terminal_gets_the_numbers_below_each_line():
    shown = text(read(zoo.Recursive(), ZOO[zoo.Recursive]()), WIDE - 1)
    assert row(shown, "return self.down(x, 4)").endswith("return self.down(x, 4)")
    assert "FLOPs 256 · backward 448 · time 100 % · kept 128 B" in shown


@pytest.mark.parametrize(("sign", "word"), [(1, "taken"), (-1, "not taken")])
def test_a_branch_says_whether_it_was_taken(sign: int, word: str):
    reading = read(zoo.Branch(), (sign * vectors(2, 4).abs(),))
    shown = row(text(reading), "if x.sum() > 0:")
    assert re.search(rf"if x\.sum\(\) > 0:  {word}(  |$)", shown)


@pytest.mark.parametrize("number", [FOLD - 1, FOLD])
def test_many_statements_that_did_not_run_are_folded(number: int, tmp_path: Path):
    body = "".join(f"        x = x + {n}\n" for n in range(number))
    source = f"def forward(x, run=False):\n    if run:\n{body}    return x * 2\n"
    (tmp_path / "folded.py").write_text(source)
    scope: dict = {}
    exec(compile(source, str(tmp_path / "folded.py"), "exec"), scope)
    shown = text(read(scope["forward"], (vectors(2),)))
    assert (f"… {number} statements not run" in shown) == (number == FOLD)
    assert ("x = x + 0" in shown) == (number < FOLD)
    assert "return x * 2" in shown


def test_four_parameters_are_named_and_the_rest_counted():
    def forward(*layers: nn.Module) -> Tensor:
        return torch.stack([layer(vectors(1, 2)) for layer in layers])

    shown = text(read(forward, tuple(nn.Linear(2, 2) for _ in range(3))))
    assert "args[0].weight, args[0].bias, args[1].weight, args[1].bias and 2 more" in " ".join(
        shown.split()
    )


def test_numbers_of_other_lines_are_grey():
    """What a line's calls did stands in their own lines too: its sum is dim, so as not to add up."""
    shown = text(read(zoo.Helper(), ZOO[zoo.Helper]()), colours=True)
    (caller,) = [line for line in shown.splitlines() if "helper" in line and "b = " in line]
    (own,) = [line for line in shown.splitlines() if "relu" in line]
    percent = re.compile(r"(\x1b\[2m)?\s*\d+ %")
    assert (percent.search(caller) or [""])[1]
    assert not (percent.search(own) or ["", "dim"])[1]


def test_a_crash_is_told_at_the_end():
    shown = text(read(zoo.Crash(), (vectors(2, 4),)))
    assert re.search(r"fails at .*zoo\.py:\d+ in the forward pass\n  RuntimeError: mat1", shown)
    assert "  h (2, 5)\n  it met second.weight (2, 4)\n" in shown


# --- Width -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 100, 155])
@pytest.mark.parametrize("cls", [zoo.Transformer, zoo.UNet, zoo.Recursive, zoo.CustomFunction])
def test_a_listing_fits_and_no_word_of_the_source_is_cut(cls: type[nn.Module], width: int):
    reading = read(cls(), ZOO[cls](), target="a/folder/with/a/long/name/zoo.py:Class")
    shown = text(reading, width)
    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown.replace("… ", "")  # folded statements begin with one
    words = re.compile(r"\w+")
    whole = set(words.findall(shown))
    executed = [line for line in reading.lines if line.executed and '"""' not in line.source]
    for line in executed:
        names = [*line.params, *(child.layer for child in line.children)]
        assert set(words.findall(" ".join([line.source, *names[:4]]))) <= whole


def test_a_wide_listing_uses_its_width():
    """The source has room where there is some: it is not wrapped as it would be at 120 columns."""
    reading = read(zoo.UNet(), ZOO[zoo.UNet]())
    assert len(text(reading, 200).splitlines()) < len(text(reading, WIDE).splitlines())


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        ("one two three", 9, ["one two", "  three"]),
        ("x = self.blocks.forward(y)", 14, ["x =", "  self.blocks.", "  forward(y)"]),
        ("    a = b + ccc", 11, ["    a = b +", "      ccc"]),
        ("abcdefghij", 4, ["abcd", "  ef", "  gh", "  ij"]),
        (f"kept 3{HOLD}kB", 8, ["kept", "  3 kB"]),
        ("", 4, [""]),
    ],
)
def test_lines_are_wrapped_between_words(line: str, width: int, expected: list[str]):
    assert wrapped(Text(line), width, 2).plain.split("\n") == expected


def test_wrapped_text_keeps_its_colours():
    shown = wrapped(Text.assemble("one two ", ("three", "red")), 8)
    (span,) = [span for span in shown.spans if span.style == "red"]
    assert shown.plain[span.start : span.end] == "three"


@pytest.mark.parametrize(
    ("columns", "terminal", "width"),
    [("60", False, 60), ("155", True, 155), (None, False, PIPED_WIDTH), ("no", False, PIPED_WIDTH)],
)
def test_columns_decides_the_width_and_piped_output_has_80(
    columns: str | None, terminal: bool, width: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert PIPED_WIDTH == 80
    assert output_width(Console(file=io.StringIO(), force_terminal=terminal)) == width


def test_a_terminal_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    console = Console(file=io.StringIO(), force_terminal=True, width=97)
    assert output_width(console) == 97


def test_what_is_printed_is_as_wide_as_columns_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    reading = read(zoo.UNet(), ZOO[zoo.UNet](), target="net.py:UNet")
    for width in (60, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        print_reading(reading)
        longest = max(map(cell_len, capsys.readouterr().out.splitlines()))
        assert width - 12 <= longest <= width
