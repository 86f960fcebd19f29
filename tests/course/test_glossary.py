"""The glossary: each term once, taught before it is used, and explained where it stands."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.figures.test_schemas import DRAWN, drawn
from torchcamp.base.wire import JsonObject
from torchcamp.course import glossary
from torchcamp.course.content import Lesson, course
from torchcamp.course.glossary import Term, glossary_page, mentions, terms, with_terms
from torchcamp.figures.schemas.drawing import Drawing

LESSONS = pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.name)
ORDER = [lesson.name for lesson in course().lessons]
TITLES = {lesson.name: lesson.title for lesson in course().lessons}


def prose_of(lesson: Lesson) -> Iterator[str]:
    """The strings that the lesson's page shows as text, its code and formulas taken out."""
    for node in ast.walk(ast.parse(lesson.path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("lesson.prose", "mo.md"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield re.sub(
                        r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", " ", part.value, flags=re.S
                    )


def words_of(drawing: JsonObject) -> Iterator[str]:
    """What a picture says: its summary, and the words of its parts, arrows and steps."""
    yield drawing["summary"]
    for step in drawing["steps"]:
        yield from (step["title"], step["words"])
    changes = [change for step in drawing["steps"] for change in step["changes"].values()]
    for part in [*drawing["parts"], *drawing["arrows"], *changes]:
        for kind in ("text", "label", "detail", "note"):
            yield part.get(kind, "")


def too_early(lesson: str, texts: Iterable[str]) -> set[str]:
    """The terms in `texts` that a later lesson teaches."""
    return {
        f"{word!r} is taught in {term.taught_in}"
        for text in texts
        for word, term in mentions(text)
        if ORDER.index(term.taught_in) > ORDER.index(lesson)
    }


@LESSONS
def test_no_lesson_uses_a_term_before_the_lesson_that_teaches_it(lesson: Lesson):
    assert not too_early(lesson.name, prose_of(lesson))


@pytest.mark.parametrize("name", DRAWN)
def test_no_picture_uses_a_term_before_the_lesson_that_teaches_it(name: str):
    lesson = {"gated cell": "rnn"}.get(name, name)
    assert not too_early(lesson, words_of(drawn(name)))


def test_every_word_of_a_picture_is_read():
    """A term in each place where a picture has words."""
    drawing = Drawing(summary="an epoch")
    drawing.box("a", "a batch", (50, 50), (50, 50), label="a loss", detail="a GAN", note="a CNN")
    drawing.box("b", "b", (150, 50), (50, 150)).arrow("a", "b", label="a stride")
    drawing.step("Padding", "A checkpoint is kept.", ["a"], b={"text": "a seed"})
    found = {term.name for text in words_of(drawing.as_json()) for _, term in mentions(text)}
    assert found >= {
        "epoch",
        "batch",
        "loss",
        "GAN",
        "CNN",
        "stride",
        "padding",
        "checkpoint",
        "seed",
    }
    assert too_early("tensors", words_of(drawing.as_json()))


@LESSONS
def test_a_lesson_uses_the_terms_that_it_teaches(lesson: Lesson):
    used = {term.name for text in prose_of(lesson) for _, term in mentions(text)}
    taught = {term.name for term in terms() if term.taught_in == lesson.name}
    assert taught <= used


def test_meanings_are_sentences():
    for term in terms():
        assert term.text[0].isupper(), term
        assert term.text.endswith("."), term
        assert len(term.text) <= 260, term


LOGIT = Term(name="logit", also=("logits",), text="A score < p.", taught_in=ORDER[0])
LOSS = Term(name="loss", text="What training makes small.", taught_in=ORDER[1])


@pytest.fixture
def two_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossary, "terms", lambda: (LOGIT, LOSS))


def test_a_line_may_end_within_a_term():
    (term,) = {term for _, term in mentions("a feature\n    map") if " " in term.name}
    assert term.name == "feature map"
    assert 'class="term"' in with_terms("<p>a feature\nmap</p>", TITLES)


@pytest.mark.usefixtures("two_terms")
def test_a_term_is_explained_where_it_first_stands():
    page = (
        "<h2>Loss</h2><p>Logits, then <code>loss</code>, a logit, a floss and the <b>loss</b>.</p>"
    )
    html = with_terms(page, TITLES)
    assert html.count('class="term"') == 2
    assert html.index('class="term"') > html.index("</h2>")
    assert '<span class="term" tabindex="0">Logits<span class="meaning"' in html
    assert "A score &lt; p." in html
    assert "<code>loss</code>, a logit, a floss" in html
    assert f"Taught in: {TITLES[ORDER[1]]}" in html
    assert (
        re.sub(r'<span class="term"[^>]*>(\w+)<span class="meaning".*?</span></span>', r"\1", html)
        == page
    )


def test_two_lessons_cannot_teach_one_word(monkeypatch: pytest.MonkeyPatch):
    glossary._all_terms.cache_clear()
    monkeypatch.setattr(
        glossary, "_terms_of", lambda lesson: [LOGIT] if lesson.name in ORDER[:2] else []
    )
    with pytest.raises(glossary.ContentError, match="'logit' is taught in"):
        terms()
    glossary._all_terms.cache_clear()


def test_the_page_has_every_term_with_its_lesson():
    page = glossary_page()
    assert page.count("<dt>") == len(terms())
    assert page.count("view-as=present") >= len(terms())
