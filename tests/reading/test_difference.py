"""Two readings compared: as data, on the terminal, as Markdown and as a page."""

import dataclasses
import io
import json
import re
from pathlib import Path

import pytest
import torch
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser
from referencing import Registry, Resource
from rich.cells import cell_len
from rich.console import Console

from tests.reading import zoo
from torchcamp.reading.difference import MAX_COMPARED, Difference, Entry, _alike, compare
from torchcamp.reading.markdown import markdown_of, markdown_of_difference
from torchcamp.reading.page import render_difference
from torchcamp.reading.process import read_target
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading
from torchcamp.reading.terminal import WIDE
from torchcamp.reading.terminal_difference import comparison

DOCS = Path(__file__).parents[2] / "docs"
BEFORE = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU())
        self.spare = nn.Linear(2, 2)
        self.head = nn.Linear(width * 14 * 14, 10)

    def features(self, x):
        return self.conv(x)

    def forward(self, x):
        x = self.features(x)
        x = F.max_pool2d(x, 2)
        x = x.flatten(1)
        return self.head(x)
"""
EDITS = {
    "class Net(": "class Better(",
    "padding=1)": "padding=1, bias=False)",
    "nn.Linear(width * 14 * 14, 10)": "nn.Linear(width, 10)",
    "x = F.max_pool2d(x, 2)": "x = F.adaptive_avg_pool2d(x, 1)",
    "        return self.head(x)": "        x = F.dropout(x, 0.1)\n        return self.head(x)",
}


@pytest.fixture(scope="module")
def difference(tmp_path_factory: pytest.TempPathFactory) -> Difference:
    folder = tmp_path_factory.mktemp("two")
    after = BEFORE
    for old, new in EDITS.items():
        assert old in after
        after = after.replace(old, new)
    (folder / "before.py").write_text(BEFORE)
    (folder / "after.py").write_text(after)
    readings = [
        read_target(f"{folder / target}", inputs=["2x1x28x28"])
        for target in ("before.py:Net", "after.py:Better")
    ]
    return compare(*readings)


def sources(difference: Difference, function: str) -> list[tuple[str, str, str, list[str]]]:
    (found,) = [each for each in difference.functions if each.after == function]
    return [
        (
            pair.mark,
            pair.before.source.strip() if pair.before else "",
            pair.after.source.strip() if pair.after else "",
            pair.changed,
        )
        for pair in found.pairs
    ]


def test_statements_are_paired_and_what_differs_is_named(difference: Difference):
    assert sources(difference, "Better.forward") == [
        (" ", "def forward(self, x):", "def forward(self, x):", []),
        (" ", "x = self.features(x)", "x = self.features(x)", []),
        ("≠", "x = F.max_pool2d(x, 2)", "x = F.adaptive_avg_pool2d(x, 1)",
         ["source", "shapes", "kept"]),
        ("≠", "x = x.flatten(1)", "x = x.flatten(1)", ["shapes"]),
        ("+", "", "x = F.dropout(x, 0.1)", []),
        ("≠", "return self.head(x)", "return self.head(x)", ["FLOPs", "backward", "kept"]),
    ]  # fmt: skip
    ((_, _, _, changed), (mark, before, after, _), last) = sources(difference, "Better.features")[
        1:
    ]
    assert changed == ["parameters"]
    assert (mark, before.split("(")[0], after[-11:]) == ("≠", "conv.0 Conv2d", "bias=False)")
    assert (last[0], last[1]) == (" ", "conv.1 ReLU()")


def test_functions_of_a_class_with_another_name_are_the_same_functions(difference: Difference):
    assert [(f.before, f.after) for f in difference.functions] == [
        ("Net.forward", "Better.forward"), ("Net.features", "Better.features"),
    ]  # fmt: skip


def test_sums_and_parameters(difference: Difference):
    sums = {entry.name: (entry.before, entry.after, entry.differs) for entry in difference.sums}
    assert sums["parameters"] == ("15,776", "168", True)
    assert sums["input"] == ("(2, 1, 28, 28) float32",) * 2 + (False,)
    assert sums["FLOPs forward"][2]
    assert not sums["forward"][2]  # seconds vary by themselves
    assert [(w.name, w.before, w.after) for w in difference.weights] == [
        ("conv.0.bias", "(8,)", None), ("head.weight", "(10, 1568)", "(10, 8)"),
    ]  # fmt: skip


def test_a_parameter_that_is_frozen_or_loses_its_gradient_differs():
    network = zoo.Transformer()
    inputs = zoo.ZOO[zoo.Transformer]()
    before = read(network, inputs)
    for each in network.blocks:
        each.norm.weight.requires_grad_(False)  # type: ignore[union-attr]
    network.spare = torch.nn.Linear(2, 2)
    found = compare(before, read(network, inputs))
    assert [(w.name, w.count, w.before, w.after) for w in found.weights] == [
        ("blocks.*.norm.weight", 12, "(8,)", "(8,) frozen"),
        ("spare.weight", 1, None, "(2, 2) no gradient"),
        ("spare.bias", 1, None, "(2,) no gradient"),
    ]
    sums = {entry.name: entry.after for entry in found.sums}
    assert (
        int(sums["parameters"].replace(",", "")) - int(sums["of them trainable"].replace(",", ""))
        == 12 * 8
    )


def test_a_reading_does_not_differ_from_itself():
    reading = read(zoo.UNet(), zoo.ZOO[zoo.UNet](), target="net.py:UNet")
    found = compare(reading, reading)
    assert not any(function.differs for function in found.functions)
    assert not any(entry.differs for entry in found.sums)
    assert found.weights == []
    assert "no difference" in shown(found, 80)


def test_a_function_that_ran_only_once_is_whole_on_its_side():
    one = read(zoo.UNet(), zoo.ZOO[zoo.UNet](), target="net.py:UNet")
    other = read(zoo.Loop(), zoo.ZOO[zoo.Loop](), target="net.py:other")
    found = compare(one, other)
    assert {(f.before, f.after) for f in found.functions} == {
        ("UNet.forward", None), (None, "Loop.forward"),
    }  # fmt: skip
    marks = {f.after: {pair.mark for pair in f.pairs} for f in found.functions}
    assert marks == {"Loop.forward": {"+"}, None: {"-"}}


def test_very_long_functions_are_not_compared_statement_by_statement():
    number = int(MAX_COMPARED**0.5) + 1
    entries = [Entry(line=n + 1, source=f"x = f({n})", facts={}) for n in range(number)]
    assert {pair.mark for pair in _alike(entries, entries)} == {"-", "+"}
    assert {pair.mark for pair in _alike(entries[:5], entries[:5])} == {" "}


# --- The terminal ------------------------------------------------------------------------


def shown(difference: Difference, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in comparison(difference, width):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 155])
def test_a_comparison_fits(difference: Difference, width: int):
    text = shown(difference, width)
    assert max(map(cell_len, text.splitlines())) <= width
    words = set(re.findall(r"\w+", text))
    assert {"adaptive_avg_pool2d", "max_pool2d", "dropout", "padding", "features"} <= words


def test_a_wide_terminal_shows_both_sides_in_one_line(difference: Difference):
    text = re.sub(r" {2,}", "  ", shown(difference, WIDE))
    assert re.search(
        r"17  x = F\.max_pool2d\(x, 2\)  ≠  17  x = F\.adaptive_avg_pool2d\(x, 1\)", text
    )
    assert re.search(r"\n  x \(2, 8, 14, 14\)  x \(2, 8, 1, 1\)", text)
    assert re.search(r"\n  \+  19  x = F\.dropout\(x, 0\.1\)", text)
    assert re.search(r"≠  parameters  15,776  168", text)


def test_a_narrow_one_shows_them_below_each_other(difference: Difference):
    lines = [" ".join(line.split()) for line in shown(difference, WIDE - 1).splitlines()]
    at = lines.index("- 17 x = F.max_pool2d(x, 2)")
    assert lines[at + 1 : at + 8] == [
        "- x (2, 8, 14, 14)", "- kept 25.1 kB", "+ 17 x = F.adaptive_avg_pool2d(x, 1)",
        "+ x (2, 8, 1, 1)", "≠ 18 x = x.flatten(1)", "- x (2, 1568)", "+ x (2, 8)",
    ]  # fmt: skip


def test_many_equal_statements_are_counted():
    def made(last: str) -> Reading:
        body = "".join(f"    x = x + {n}\n" for n in range(9))
        scope: dict = {}
        code = f"def forward(x):\n{body}    return x * {last}\n"
        file = Path(f"{last}.py")
        file.write_text(code)
        exec(compile(code, str(file.resolve()), "exec"), scope)
        return read(scope["forward"], (torch.rand(2),), target="f.py:forward")

    text = shown(compare(made("2"), made("3")), 80)
    assert "… 8 statements as before" in text
    assert "x = x + 8" in text
    assert "x = x + 2" not in text


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- Markdown ----------------------------------------------------------------------------


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def require_tables(text: str) -> None:
    """Each table has as many cells in every row, and no line is broken inside of one."""
    tables = [block for block in re.split(r"\n\n", text) if block.startswith("|")]
    assert len(tables) >= 2
    for table in tables:
        rows = [cells(line) for line in table.strip().splitlines()]
        assert len({len(row) for row in rows}) == 1
        assert all(set(cell) <= set(":-") for cell in rows[1])


def test_a_reading_as_markdown():
    reading = read(zoo.Transformer(), zoo.ZOO[zoo.Transformer](), target="net.py:Transformer")
    text = markdown_of(reading)
    require_tables(text)
    assert text.startswith("### `net.py:Transformer`\n")
    assert text.index("**Transformer.forward**") < text.index("**Block.forward**")
    (line,) = [line for line in text.splitlines() if "self.mlp(x)" in line]
    number, source, shapes, flops, *_ = cells(line)
    assert source.strip("` ") == "x = x + self.mlp(x)"
    assert shapes.startswith("x (2, 5, 8) ×12<br>blocks.\\*.mlp.\\*.weight ×24")
    assert flops == "61.4 k"
    assert number.isdigit()


def test_bars_and_backticks_of_the_source_do_not_break_a_table(tmp_path: Path):
    code = "def forward(x):\n    y = (x > 0) | (x < 1)  # `or`\n    return (\n        y,\n    )\n"
    (tmp_path / "bars.py").write_text(code)
    scope: dict = {}
    exec(compile(code, str(tmp_path / "bars.py"), "exec"), scope)
    made = read(scope["forward"], (torch.rand(2),), target="a_b.py:forward")
    table = markdown_of(made).split("\n\n")[-1]
    rows = [cells(line) for line in table.strip().splitlines()]
    assert {len(row) for row in rows} == {7}
    assert "``     y = (x > 0) \\| (x < 1)  # `or` ``" in rows[3][1]
    assert rows[4][1].strip("` ") == "return ( y, )"


def test_a_comparison_as_markdown(difference: Difference):
    text = markdown_of_difference(difference)
    require_tables(text)
    assert "| parameters | 15,776 | **168** |" in text
    assert "| `head.weight` | (10, 1568) | (10, 8) |" in text
    assert "| new |  | 19 `x = F.dropout(x, 0.1)`<br>x (2, 8)<br>kept 64 B |" in text
    assert "x = self.features(x)" not in text  # the same in both


def test_a_crash_is_told_in_all_of_them():
    crashed = read(zoo.Crash(), (torch.rand(2, 4),), target="net.py:Crash")
    found = compare(crashed, crashed)
    for text in (markdown_of(crashed), markdown_of_difference(found)):
        assert "**Fails at " in text
        assert "RuntimeError: mat1" in text
    assert "it met second.weight (2, 4)" in shown(found, 100)
    assert "in the forward pass: RuntimeError: mat1" in render_difference(found)


# --- The page and JSON -------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_shows_both_and_only_what_differs(
    browser: Browser, difference: Difference, width: int, tmp_path: Path
):
    long = "a/folder_with_a_long_name/" * 6 + "<b>.py:Net"
    before = dataclasses.replace(difference.before, target=long)
    (tmp_path / "page.html").write_text(
        render_difference(dataclasses.replace(difference, before=before))
    )
    page = browser.new_page(viewport={"width": width, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("h1 .gone").inner_text().endswith(long)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.querySelectorAll('.what, td, h1, h2')].filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    ) == 0  # fmt: skip
    changed = page.locator(".pair.changed", has_text="max_pool2d")
    assert "adaptive_avg_pool2d" in changed.locator(".side.after").inner_text()
    assert changed.locator(".side.before .fact.differs").all_inner_texts() == [
        "x (2, 8, 14, 14)", "kept 25.1 kB",
    ]  # fmt: skip
    assert page.locator(".pair.added:visible").count() == 1
    beside = changed.locator(".side").nth(1).bounding_box()
    first = changed.locator(".side").nth(0).bounding_box()
    assert beside
    assert first
    assert (beside["y"] == first["y"]) == (width == 1280)
    assert page.locator(".pair.equal:visible").count() > 2
    page.locator("#only").check()
    assert page.locator(".pair.equal:visible").count() == 0
    assert problems == []
    page.close()


def test_a_difference_fits_its_schema_and_comes_back_from_json(difference: Difference):
    written = json.loads(json.dumps(difference.as_json()))
    assert Difference.from_json(written) == difference
    schemas = {
        name: json.loads((DOCS / name).read_text())
        for name in ("reading.schema.json", "difference.schema.json")
    }
    registry = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    )
    validator = Draft202012Validator(schemas["difference.schema.json"], registry=registry)
    Draft202012Validator.check_schema(schemas["difference.schema.json"])
    validator.validate(written)
    for place in (written, written["sums"][0], written["functions"][0]["pairs"][0]["before"]):
        place["unheard_of"] = 0
        assert not validator.is_valid(written)
        del place["unheard_of"]
    del written["before"]["totals"]
    assert not validator.is_valid(written)
