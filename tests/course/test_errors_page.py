"""The page "Errors you will meet" and docs/errors.md."""

import re
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from torchcamp.course.errors_page import errors_markdown, errors_page
from torchcamp.course.known_errors import known_errors

ALL = list(known_errors().values())


def test_docs_are_what_make_errors_writes():
    assert (Path(__file__).parents[2] / "docs" / "errors.md").read_text() == errors_markdown()


def test_the_page_is_one_file_with_every_message():
    page = errors_page()
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    text = unescape(re.sub(r"<[^>]+>", "", page))
    for error in ALL:
        assert f'id="{error.name}"' in page
        for part in (error.title, error.message, error.example, error.mended):
            assert part in text
    in_course = errors_page(in_course=True)
    assert 'href="../?file=mlp.py&amp;view-as=present"' in in_course
    assert 'href="../"' in in_course


def test_the_lines_that_differ_are_marked():
    page = errors_page()
    card = page[page.index('id="power-sign"') : page.index('id="mean-of-integers"')]
    marked = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<mark>(.*?)</mark>", card)]
    assert marked == ["penalty = (mu^2).sum()", "penalty = (mu**2).sum()"]


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Page:
    (tmp_path / "errors.html").write_text(errors_page())
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"file://{tmp_path}/errors.html")
    return page


def shown(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('.error:not([hidden])')].map(e => e.id)")


@pytest.mark.browser
def test_a_message_that_is_pasted_shows_its_entry(page: Page):
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    assert len(shown(page)) == len(ALL)
    found = page.evaluate(
        """messages => messages.map(message => {
            const field = document.getElementById("find");
            field.value = message;
            field.dispatchEvent(new Event("input"));
            const shown = [...document.querySelectorAll(".error:not([hidden])")];
            const width = document.documentElement.scrollWidth;
            return [shown.map(each => each.id), shown.every(each => each.open), width];
        })""",
        [f'Traceback (most recent call last):\n  File "a.py"\n{error.message}' for error in ALL],
    )
    assert found == [[[error.name], True, 390] for error in ALL]
    page.fill("#find", ALL[0].message)
    assert shown(page) == [ALL[0].name]
    assert page.locator("#count").inner_text().startswith("1 message")
    page.fill("#find", "GPU nvidia")
    assert 0 < len(shown(page)) < 6
    page.fill("#find", "zebra")
    assert shown(page) == []
    assert "None of these" in page.locator("#count").inner_text()
    page.fill("#find", "")
    assert len(shown(page)) == len(ALL)
    assert problems == []


@pytest.mark.browser
def test_a_link_opens_its_entry_below_the_field(page: Page):
    page.goto(f"{page.url}#one-element")
    entry = page.locator("#one-element")
    assert entry.get_attribute("open") is not None
    box, field = entry.bounding_box(), page.locator(".find").bounding_box()
    assert box
    assert field
    assert field["y"] + field["height"] <= box["y"] < 800
