"""Lessons as notebooks and as slides: the same text, pictures and exercises, and every cell runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from playwright.sync_api import Browser

from tests.cli.program import one_line, torchcamp
from torchcamp.course.content import Lesson, course
from torchcamp.course.notebook import cells_of, notebook
from torchcamp.course.slides import as_html, slides
from torchcamp.course.workspace import prepare_workspace

LESSONS = pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.name)
WITHOUT_GLOSSARY = r"lesson\.prose\(\s*r?\"\"\"|mo\.md\(\s*r?\"\"\""
# Every second lesson in the quick suite, the others in the slow one.
SOME = pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(lesson, id=lesson.name, marks=[pytest.mark.slow] * (number % 2))
        for number, lesson in enumerate(course().lessons)
    ],
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace = prepare_workspace(tmp_path)
    monkeypatch.chdir(workspace)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # of another one IPython warns
    return workspace


@LESSONS
def test_a_notebook_has_the_lessons_text_and_each_exercise_once(lesson: Lesson):
    written = notebook(lesson)
    assert (written["nbformat"], written["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in written["cells"]}) == len(written["cells"])
    cells = cells_of(lesson)
    code = "\n".join(cell.text for cell in cells if cell.kind == "code")
    text = "\n".join(cell.text for cell in cells if cell.kind == "markdown")
    assert sorted(re.findall(r'lesson\.exercise\("(\w+)"\)', code)) == sorted(lesson.exercises)
    assert not re.search(WITHOUT_GLOSSARY, code)  # constant text is Markdown, not code
    assert "import marimo" not in code
    assert f"# {lesson.title}" in text


@SOME
def test_every_cell_runs(lesson: Lesson, workspace: Path):
    shell = InteractiveShell()
    for cell in cells_of(lesson):
        if cell.kind == "code":
            result = shell.run_cell(cell.text)
            assert result.success, cell.text


@SOME
def test_slides_show_the_text_and_need_nothing_from_outside(lesson: Lesson, workspace: Path):
    page = slides(lesson)
    assert page.count('<section class="slide">') >= 5
    assert "$$" not in page
    assert not re.search(r'(?:src|href)="(?!data:|/|#)', re.sub(r"<a [^>]*>", "", page))
    for question in ("What do you think?", "The answer"):
        assert question in page


@pytest.mark.browser
def test_the_picture_stays_alive(workspace: Path, browser: Browser, tmp_path: Path):
    """From the file, without a server: it is stepped through, takes another example, and slides turn."""
    file = tmp_path / "cnn.html"
    file.write_text(slides(course().lesson("autograd")))
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    figure = page.locator(".schema")
    figure.scroll_into_view_if_needed()
    assert figure.get_attribute("data-step") == "0"
    figure.get_by_role("button", name="Next", exact=True).click()
    assert figure.get_attribute("data-step") == "1"
    assert "b = a * a = 9" in figure.locator(".step-words").inner_text()
    figure.get_by_role("button", name="Another example").click()
    page.wait_for_function("document.querySelector('.step-words').innerText.includes('= 1.')")
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("scrollY > 300")
    page.close()
    assert errors == []


def test_formulas_become_mathml():
    html = as_html(r"At $\sigma = 1$: $$o = \left\lfloor \frac{i - k}{s} \right\rfloor$$ costs $5.")
    assert html.count("<math") == 2
    assert 'display="block"' in html
    assert "<mfrac>" in html
    assert html.rstrip().endswith("costs $5.</p>")


def test_the_commands_write_what_they_say(tmp_path: Path):
    result = torchcamp("notebook", "cnn", "-o", "here.ipynb", cwd=tmp_path)
    assert result.stdout == "here.ipynb\n"
    written: Any = json.loads((tmp_path / "here.ipynb").read_text())
    assert written == json.loads(json.dumps(notebook(course().lesson("cnn"))))
    torchcamp("notebook", "all", cwd=tmp_path)
    assert {path.stem for path in tmp_path.glob("*.ipynb")} == {
        "here",
        *(lesson.name for lesson in course().lessons),
    }
    refused = torchcamp("notebook", "all", "-o", "x.ipynb", cwd=tmp_path)
    assert refused.returncode == 2
    assert "-o names one file" in one_line(refused)
    unknown = torchcamp("slides", "cnm", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "unknown lesson 'cnm'. Did you mean 'cnn'?" in one_line(unknown)
    result = torchcamp("slides", "convolution", "-o", "show.html", cwd=tmp_path)
    assert result.stdout == "show.html\n"
    assert "<title>Convolution" in (tmp_path / "show.html").read_text()
