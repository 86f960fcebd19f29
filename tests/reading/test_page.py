"""The page of a reading in a real Chromium."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page

from tests.reading import zoo
from torchcamp.reading.page import render_reading
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    reading = read(zoo.Transformer(), zoo.ZOO[zoo.Transformer](), target="<b>zoo</b>:Transformer")
    path = tmp_path_factory.mktemp("page") / "reading.html"
    path.write_text(render_reading(reading))
    return path


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
    assert page.locator("h1").inner_text() == "<b>zoo</b>:Transformer"
    assert page.locator("h1 b").count() == 0
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
    assert page.locator("details.function").count() == 0
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
