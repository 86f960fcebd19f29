"""The page of a diagnosis, as text and in a real Chromium."""

import dataclasses
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.doctor.made import SEVERAL, SOURCE, diagnosis, ended, finding
from torchcamp.doctor.codes import CODES, lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis, Place
from torchcamp.doctor.page import AROUND, SHORT, render_diagnosis


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: problems.append(r.url) if not r.url.startswith("file:") else None)
    yield page
    assert [p for p in problems if not p.startswith("data:")] == []
    page.close()


def show(page: Page, tmp_path: Path, shown: Diagnosis) -> Page:
    file = tmp_path / "page.html"
    file.write_text(render_diagnosis(shown), encoding="utf-8")
    page.goto(file.as_uri())
    return page


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found
    return dict(found)  # type: ignore[arg-type] - of numbers


def long_file(*lines: int) -> Diagnosis:
    source = "".join(f"x{number} = {number}\n" for number in range(1, 3 * SHORT + 1))
    found = [finding("no-step", line) for line in lines]
    return diagnosis(*found, sources={"train.py": source}, cut=[])


pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_a_card_says_what_the_terminal_says_and_shows_the_example(page: Page, tmp_path: Path):
    show(page, tmp_path, SEVERAL)
    card = page.locator(".card", has_text="zero-grad-missing")
    code = CODES["zero-grad-missing"]
    for words in ("error", "train.py:9, seen 16 times", "What showed zero-grad-missing.",
                  code.effect, code.mend, lesson_titles()[code.lesson]):  # fmt: skip
        assert words in card.inner_text()
    assert card.locator("pre").nth(0).is_hidden()
    card.locator("summary").click()
    assert card.locator("pre").nth(0).inner_text() == code.wrong
    assert card.locator("pre").nth(1).inner_text() == code.right
    assert card.locator(".measured").inner_text() == "norm_used 0.5"
    assert card.locator("a", has_text="train.py:8").get_attribute("href") == "#f0-8"


def test_each_finding_has_the_same_number_on_top_at_its_line_and_on_its_card(
    page: Page, tmp_path: Path
):
    show(page, tmp_path, SEVERAL)
    for number, each in enumerate(SEVERAL.findings, start=1):
        top = page.locator(".index li").nth(number - 1)
        assert top.locator(".badge").inner_text() == str(number)
        assert f"{each.file}:{each.line}" in top.inner_text()
        card = page.locator(f"#card-{number}")
        assert each.code in card.inner_text()
        line = page.locator("[id='" + str(card.get_attribute("data-line")) + "']")
        assert line.locator(".at").inner_text() == str(each.line)
        assert line.locator(".badge").inner_text() == str(number)
        assert each.severity in str(line.get_attribute("class"))


def test_the_source_is_whole_and_escaped(page: Page, tmp_path: Path):
    show(page, tmp_path, SEVERAL)
    assert page.locator("h2").all_inner_texts() == ["train.py", "lib.py", "What this rests on"]
    lines = page.locator("section[aria-label='train.py'] .line")
    assert lines.count() == len(SOURCE.splitlines())
    assert "y).pow(2).mean()" in lines.nth(6).inner_text()
    assert "F.dropout(x, 0.5) <b>" in page.locator("section[aria-label='lib.py']").inner_text()
    assert page.locator(".source b", has_text="<b>").count() == 0
    assert "ended after 7 rounds" in lines.nth(5).inner_text()
    indents = [float(line.evaluate("e => parseFloat(getComputedStyle(e.children[1]).paddingLeft)"))
               for line in lines.all()]  # fmt: skip
    assert indents[0] == indents[3] == indents[4] < indents[5] < indents[6] == indents[8]


@pytest.mark.parametrize("width", [1280, 390])
def test_cards_stand_beside_their_lines_or_below_them_and_never_overlap(
    page: Page, tmp_path: Path, width: int
):
    crowd = diagnosis(
        *(finding(code, 60) for code in ("no-step", "unshuffled", "uint8-wraps")),
        finding("loss-explodes", 64), finding("seed-not-set", 1),
        sources={"train.py": "x = 1\n" * 100}, cut=[],
    )  # fmt: skip
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, crowd)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = [box(card) for card in page.locator(".card").all()]
    for above, below in itertools.pairwise(boxes):
        assert above["y"] + above["height"] <= below["y"]
    source = box(page.locator(".source"))
    assert boxes[-1]["y"] + boxes[-1]["height"] <= source["y"] + source["height"]
    line, last = box(page.locator("#f0-64")), box(page.locator("#card-4"))
    if width == 1280:
        assert last["x"] > line["x"] + line["width"]
        distances = [
            box(page.locator(f"#card-{number}"))["y"] - box(page.locator(f"#f0-{at}"))["y"]
            for number, at in ((1, 60), (2, 60), (3, 60), (4, 64), (5, 1))
        ]
        assert sum(distances[:4]) == pytest.approx(0, abs=4)
        assert distances[0] < -100
        assert abs(distances[4]) < 9
    else:
        assert 0 <= last["y"] - line["y"] - line["height"] < 20


def test_a_lone_card_stands_exactly_beside_its_line(page: Page, tmp_path: Path):
    show(page, tmp_path, diagnosis(finding("no-step", 8)))
    assert box(page.locator("#card-1"))["y"] == pytest.approx(
        box(page.locator("#f0-8"))["y"], abs=2
    )


def test_pointing_at_a_card_lights_its_lines(page: Page, tmp_path: Path):
    show(page, tmp_path, SEVERAL)
    page.locator("#card-1 h3").hover()
    lit = page.locator(".line.lit .at")
    assert sorted(lit.all_inner_texts()) == ["8", "9"]
    page.locator("h1").hover()
    assert lit.count() == 0


def test_a_long_file_is_folded_where_nothing_was_found(page: Page, tmp_path: Path):
    middle = 2 * SHORT
    show(page, tmp_path, long_file(middle))
    lines = page.locator(".line")
    assert lines.count() == 3 * SHORT
    visible = [n for n in range(1, 3 * SHORT + 1) if page.locator(f"#f0-{n}").is_visible()]
    assert visible == list(range(middle - AROUND, middle + AROUND + 1))
    before = box(page.locator("#card-1"))["y"]
    page.locator("summary", has_text="lines 1 to").click()
    page.wait_for_function(
        f"document.getElementById('card-1').getBoundingClientRect().y > {before}"
    )
    assert page.locator("#f0-1").is_visible()


def test_a_link_into_a_fold_opens_it(page: Page, tmp_path: Path):
    show(page, tmp_path, long_file(2 * SHORT))
    page.evaluate("location.hash = '#f0-3'")
    page.wait_for_function("document.getElementById('f0-3').offsetParent !== null")


def test_what_was_watched_and_what_was_not(page: Page, tmp_path: Path):
    show(page, tmp_path, SEVERAL)
    assert page.locator(".verdict").inner_text() == "2 errors, 1 warning and 2 notes"
    figures = re.sub(r"\s+", " ", " ".join(page.locator(".figure").all_inner_texts()))
    assert figures == (
        "18 optimizer steps 18 backward passes 30 forward passes 1 validation batches 2.7 s under watch"
    )
    facts = page.locator(".facts").inner_text()
    for words in ("no validation ran within the steps", "MNIST: 1200 made pictures of 28x28",
                  "program: nvidia-smi", "train.py:7 broadcast-mismatch", "train.py:6 after 7"):  # fmt: skip
        assert words in facts
    assert page.locator(".warn").count() == 0


def test_nothing_found_shows_the_script_and_what_that_rests_on(page: Page, tmp_path: Path):
    show(page, tmp_path, diagnosis(not_watched=["no validation ran within the steps"]))
    assert page.locator(".verdict.good").inner_text() == "Nothing found"
    assert page.locator("h2").all_inner_texts() == ["train.py", "What this rests on"]
    assert page.locator(".card, .index").count() == 0
    assert "no validation ran within the steps" in page.locator(".facts").inner_text()


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("train.py", "train.py"),
        ("./lab/train.py:main", "lab/train.py"),
        ("lab/train.ipynb", "lab/train.ipynb"),
        ("lab.train", "lab/train.py"),
        ("lab", "lab/__main__.py"),
    ],
)
def test_the_script_is_shown_whatever_it_is_called_by(target: str, name: str):
    sources = {"a.py": "x = 1\n", name: "y = 2\n", "z.py": "z = 3\n"}
    shown = dataclasses.replace(diagnosis(sources=sources, cut=[]), target=target)
    assert re.findall("<h2>(.*?)</h2>", render_diagnosis(shown)) == [name, "What this rests on"]


def test_a_script_that_raised_says_so_first(page: Page, tmp_path: Path):
    show(page, tmp_path, diagnosis(watched=ended("ValueError: <i>no data</i>")))
    assert page.locator(".verdict:not(.good)").inner_text() == "No training was seen"
    assert "The script raised ValueError: <i>no data</i>." in page.locator(".warn").inner_text()


def test_findings_in_files_without_a_text_are_still_there(page: Page, tmp_path: Path):
    lost = finding("no-step", 3, "gone.py", related=[Place(file="also/gone.py", line=1)])
    beyond = finding("unshuffled", 99, related=[Place(file="train.py", line=98)])
    show(page, tmp_path, diagnosis(lost, beyond))
    words = "What showed no-step.", "What showed unshuffled."
    assert all(each in page.locator(".card").nth(i).inner_text() for i, each in enumerate(words))
    assert "In lines that cannot be shown" in page.locator("h2").all_inner_texts()
    assert page.locator(".card a[href]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(browser: Browser, tmp_path: Path, scheme: str):
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type] - one of the two
    show(page, tmp_path, SEVERAL)

    def brightness(selector: str, name: str) -> int:
        colour = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{name}")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    papers = [brightness(s, "backgroundColor") for s in ("body", ".source", ".card", ".index a")]
    inks = [brightness(s, "color") for s in ("body", ".src", ".card p", ".index .title")]
    page.close()
    if scheme == "dark":
        papers, inks = inks, papers
    assert min(papers) - max(inks) > 400
