"""The page of a reading in a real Chromium."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page

from tests.reading import zoo
from tests.reading.test_assembling import Outer
from torchcamp.reading.documentation import address
from torchcamp.reading.page import render_reading
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


LONG = "a/folder_with_a_long_name/" * 6  # wider than any window


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    network = zoo.Transformer()
    network.blocks[0].attention.qkv.weight.requires_grad_(False)  # type: ignore[union-attr]
    network.spare = torch.nn.Linear(3, 3)
    reading = read(network, zoo.ZOO[zoo.Transformer](), target="<b>zoo</b>:Transformer")
    path = tmp_path_factory.mktemp("page") / "reading.html"
    path.write_text(render_reading(reading))
    return path


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same code under a path, with a line and with a name that are too long for any window."""
    code = (
        "def forward(x, w):\n    a_name_that_is_quite_long_for_a_tensor = x @ w  # "
        + "word " * 60
        + "\n    y = torch.nn.functional.softmax("
        + " + ".join(["a_name_that_is_quite_long_for_a_tensor"] * 9)
        + ", dim=1)\n    return y.sum()\n"
    )
    folder = tmp_path_factory.mktemp("long") / LONG
    folder.mkdir(parents=True)
    (folder / "net.py").write_text(code)
    scope: dict = {"torch": torch}
    exec(compile(code, str(folder / "net.py"), "exec"), scope)
    arguments = (torch.rand(2, 3, requires_grad=True), torch.rand(3, 3))
    reading = read(scope["forward"], arguments, target=f"{folder}/net.py:forward")
    page = folder / "page.html"
    page.write_text(render_reading(reading))
    return page


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: problems.append(r.url) if not r.url.startswith("file:") else None)
    page.goto(file.as_uri())
    yield page
    assert [p for p in problems if not p.startswith("data:")] == []
    page.close()


def block(page: Page):
    return page.locator("details.function", has_text="Block.forward")


def test_it_is_escaped_and_shows_the_source(page: Page):
    assert page.locator("h1").inner_text() == "Transformer"
    assert page.locator(".target").inner_text() == "<b>zoo</b>:Transformer"
    assert page.locator(".target b").count() == 0
    assert "x = x + self.attention(self.norm(x))" in block(page).inner_text()
    assert "×12" in block(page).inner_text()


def test_the_calls_of_a_block_can_be_switched(page: Page):
    select = block(page).locator("select")
    assert select.locator("option").count() == 13
    assert "blocks.3" in select.locator("option").nth(4).inner_text()
    select.select_option(index=4)
    assert "×12" not in block(page).inner_text()
    assert "(2, 5, 8)" in block(page).inner_text()
    page.keyboard.press("Escape")
    block(page).locator("summary b").hover()
    page.locator("h1").click()
    page.keyboard.press("j")


def test_a_node_lights_the_line_that_made_it_and_a_line_its_nodes(page: Page):
    page.locator(".node").first.hover()
    lit = page.locator("tr.stmt.lit")
    assert lit.count() == 1
    assert "self.embed(tokens)" in lit.inner_text()
    page.locator("tr.stmt", has_text="x = self.embed(tokens)").hover()
    assert page.locator(".node.lit").count() == 1
    page.locator(".node").nth(5).hover()
    assert page.locator(".node.feeds").count() >= 1


def test_sorting_folding_and_keys(page: Page):
    page.locator("th button", has_text="kept").first.click()
    assert page.locator("details.function:not(.sorted)").count() == 0
    assert page.locator("details.sorted summary").inner_text() == "all lines by memory kept"
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.keyboard.press("s")
    assert page.locator("details.function").count() > 2
    page.keyboard.press("o")
    assert page.locator("button[data-bar=flops]").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="fold all").click()
    assert page.locator("details.function[open]").count() == 0
    page.get_by_role("button", name="unfold all").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("tr.cursor").count() == 1
    page.keyboard.press("f")
    assert page.locator("details.function:not([open])").count() == 1
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1


def test_the_target_comes_first_and_then_what_it_calls(page: Page):
    names = page.locator("details.function > summary b").all_inner_texts()
    assert names == ["Transformer.forward", "Block.forward", "Attention.forward"]


def test_functions_that_no_tensor_went_through_are_folded(browser: Browser, tmp_path: Path):
    reading = read(Outer(), (torch.rand(2),))
    (tmp_path / "page.html").write_text(render_reading(reading))
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    opened = page.locator("details.function[open] > summary b").all_inner_texts()
    assert opened == ["Outer.forward", "wrapped.wrapper", "Inner.forward"]
    closed = page.locator("details.function:not([open]) > summary b").all_inner_texts()
    assert closed == ["Outer.check", "Inner.factor"]
    page.close()


@pytest.mark.parametrize("number", [5, 6])
def test_stretches_that_did_not_run_are_folded(browser: Browser, tmp_path: Path, number: int):
    body = "".join(f"        x = x + {n}\n" for n in range(number))
    code = f"def forward(x, run=False):\n    if run:\n{body}    return x * 2\n"
    (tmp_path / "net.py").write_text(code)
    scope: dict = {}
    exec(compile(code, str(tmp_path / "net.py"), "exec"), scope)
    (tmp_path / "page.html").write_text(render_reading(read(scope["forward"], (torch.rand(2),))))
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    fold = page.get_by_role("button", name=f"… {number} statements not run")
    assert fold.count() == (number == 6)
    if number == 6:
        assert page.locator("tr.stmt:visible").count() == 3
        page.locator("#search").fill("x + 3")
        assert page.locator("tr.stmt:visible").count() == 1
        page.locator("#search").fill("")
        fold.click()
    assert page.locator("tr.stmt:visible").count() == 3 + number
    page.close()


# --- What fits ---------------------------------------------------------------------------

BROKEN_WORDS = """() => {
  const broken = [];
  for (const element of document.querySelectorAll("h1, .warn, td.src, td.what, td.mono, summary")) {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (const word of node.data.matchAll(/[A-Za-z0-9]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""
CLIPPED = """() => [...document.querySelectorAll("td, summary, h1, .figure, .warn, #head, .toolbar > *")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).display !== "inline"
    || e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.tagName + " " + e.textContent.slice(0, 60))"""


@pytest.mark.parametrize("which", ["file", "long_file"])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_nothing_is_cut_and_no_word_is_broken(
    browser: Browser, request: pytest.FixtureRequest, which: str, width: int
):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(request.getfixturevalue(which).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(BROKEN_WORDS) == []
    page.close()


def test_the_source_is_whole_and_shown_on_hover_too(browser: Browser, long_file: Path):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(long_file.as_uri())
    source = long_file.with_name("net.py").read_text().splitlines()[1]
    cell = page.locator("tr.stmt td.src").nth(1)
    assert cell.locator(".row-code").inner_text().split() == source.split()
    assert cell.get_attribute("title") == source
    numbers = page.locator("tr.stmt").nth(1).locator("td.n").first
    label = numbers.evaluate("(e) => getComputedStyle(e, '::before').content")
    assert "FLOPs" in label
    page.close()


# --- What is said ------------------------------------------------------------------------


def test_parameters_are_counted_folded_and_those_without_gradient_named(page: Page):
    head = page.locator("#head").inner_text()
    assert "7,108\nparameters, 6,916 trainable, 192 frozen" in head
    assert "No gradient arrived at spare.weight, spare.bias." in head
    page.locator("details.facts summary").first.click()
    rows = [" ".join(row.split()) for row in page.locator("details.facts tr").all_inner_texts()]
    assert "blocks.0.attention.qkv.weight (24, 8) 192 frozen" in rows
    assert "blocks.*.attention.qkv.weight ×11 (24, 8) 2,112 gradient" in rows
    assert "spare.bias (3,) 3 no gradient" in rows
    assert "blocks.*.norm.weight ×12, blocks.*.norm.bias ×12" in block(page).inner_text()
    layers = block(page).locator("tr.child").all_inner_texts()
    assert [layer.split()[0] for layer in layers] == [f"blocks.*.mlp.{n}" for n in range(3)]
    assert all("×12" in layer for layer in layers)


def test_a_line_links_to_the_documentation_of_what_it_calls(page: Page):
    links = (
        block(page).locator("tr.stmt", has_text="self.attention(self.norm(x))").locator(".docs a")
    )
    assert links.all_inner_texts() == ["nn.LayerNorm", "add"]
    assert links.first.get_attribute("href") == address("torch.nn.LayerNorm")
    assert links.first.get_attribute("target") == "_blank"
    layer = block(page).locator("tr.child .docs a").first
    assert layer.get_attribute("href") == address("torch.nn.Linear")


def test_lines_can_be_searched(page: Page):
    page.locator("details.function summary b", has_text="Attention.forward").click()
    page.keyboard.press("/")
    page.keyboard.type("norm(X)")
    assert page.locator("tr.stmt:visible").all_inner_texts()[0].split()[1:4] == ["x", "=", "x"]
    assert page.locator("tr.stmt:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 line"
    assert page.locator("details.function:visible").count() == 1
    page.locator("#search").fill("attention.forward")  # a function's name shows all of it
    assert page.locator("details.function:visible summary b").all_inner_texts() == [
        "Attention.forward"
    ]
    assert page.locator("#found").inner_text() == "6 lines"
    page.locator("#search").fill("nothing like this")
    assert page.locator("#found").inner_text() == "0 lines"
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""
    assert page.locator("details.function:visible").count() == 3
    assert page.locator("details.function:not([open])").count() == 1  # as before


def test_what_is_folded_stays_folded_and_a_search_opens_for_itself(page: Page):
    opened, all_functions = "details.function[open]", page.locator("details.function").count()
    at_first = page.locator(opened).count()
    assert at_first > 0
    # All at once, as by somebody who types faster than the browser tells of a fold.
    page.evaluate(
        """() => {
            const search = document.getElementById("search");
            document.querySelector("details.function[open] summary").click();
            search.value = "norm(x)";
            search.dispatchEvent(new Event("input"));
            search.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        }"""
    )
    assert page.locator(opened).count() == at_first - 1
    page.keyboard.press("o")  # draws the listing again
    assert page.locator(opened).count() == at_first - 1
    page.locator("#fold").click()
    page.keyboard.press("m")
    assert page.locator(opened).count() == 0
    page.locator("#fold").click()
    page.keyboard.press("t")
    assert page.locator(opened).count() == all_functions


def test_one_is_said_in_the_singular_and_seconds_are_seconds(browser: Browser, tmp_path: Path):
    def forward(x: torch.Tensor) -> torch.Tensor:
        return x.exp()

    made = read(forward, (torch.rand(2, requires_grad=True),))
    made = dataclasses.replace(made, totals=dataclasses.replace(made.totals, forward_seconds=1.1))
    assert made.totals.nodes == 1
    (tmp_path / "one.html").write_text(render_reading(made))
    page = browser.new_page()
    page.goto((tmp_path / "one.html").as_uri())
    head = page.locator("#head").inner_text()
    assert "1\nnode on the tape" in head
    assert "1.1 s\nforward" in head
    assert "0\nparameters" in head
    page.close()


def test_dark(browser: Browser, file: Path):
    colours = []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(file.as_uri())
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    light, dark = (sum(map(int, c[4:-1].split(", "))) for c in colours)
    assert light > 700
    assert dark < 120


@pytest.mark.parametrize("name", ["vae", "cnn", "rnn"])
def test_the_pages_in_docs_are_of_today(name: str):
    """Same template, same source: `make readings` makes them anew."""
    file = ROOT / "docs" / "readings" / f"{name}.html"
    page = file.read_text()
    found = re.search(r'<script type="application/json" id="reading">(.*?)</script>', page, re.S)
    assert found
    reading = Reading.from_json(json.loads(found.group(1)))
    assert render_reading(reading) == page
    for source, lines in reading.files.items():
        assert lines == (ROOT / source).read_text().splitlines()
