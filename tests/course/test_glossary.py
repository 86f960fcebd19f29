"""The glossary: each term once, taught before it is used, and explained where it stands."""

import ast
import re
from collections.abc import Container, Iterable, Iterator

import pytest

from tests.figures.test_schemas import DRAWN, drawn
from torchcamp.base.wire import JsonObject
from torchcamp.course import glossary
from torchcamp.course.content import Exercise, Lesson, course
from torchcamp.course.glossary import Term, glossary_page, mentions, terms, with_terms
from torchcamp.figures.schemas.drawing import Drawing

COURSE = course()
LESSONS = pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)
ORDER = [lesson.name for lesson in COURSE.lessons]
TITLES = {lesson.name: lesson.title for lesson in COURSE.lessons}
EXERCISES = pytest.mark.parametrize(
    "exercise", COURSE.exercises.values(), ids=lambda exercise: exercise.name
)
CODE = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)  # formulas too


def prose_of(lesson: Lesson) -> Iterator[str]:
    """The strings that the lesson's page shows as text, its code and formulas taken out."""
    for node in ast.walk(ast.parse(lesson.path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("lesson.prose", "mo.md"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield CODE.sub(" ", part.value)


def texts_of(exercise: Exercise) -> Iterator[str]:
    """What an exercise tells: title, statement, hints, the messages of its checks, and the feedback to
    its misconceptions."""
    told = [exercise.title, exercise.statement, *exercise.hints, *messages_of(exercise.checks)]
    told += [each.feedback for each in exercise.misconceptions]
    for text in told:
        yield CODE.sub(" ", text)


def messages_of(checks: str) -> Iterator[str]:
    """The sentences in the source of an exercise's checks, a gap for each value; no docstrings."""
    nodes = list(ast.walk(ast.parse(checks)))
    whole = ast.JoinedStr | ast.FormattedValue | ast.Expr  # whose parts are not read by themselves
    parts = {id(part) for each in nodes if isinstance(each, whole) for part in vars(each).values()}
    parts |= {id(part) for each in nodes if isinstance(each, ast.JoinedStr) for part in each.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr) and id(node) not in parts:
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in parts and " " in str(node.value):
            yield str(node.value)


def explained_in(statement: str) -> set[str]:
    """The terms that a statement explains itself: it sets them in italics where it does."""
    italics = re.findall(r"(?<!\*)\*(\w[^*\n]*)\*(?!\*)", statement)
    return {term.name for words in italics for found, term in mentions(words) if found == words}


def words_of(drawing: JsonObject) -> Iterator[str]:
    """What a picture says: its summary, and the words of its parts, arrows and steps."""
    yield drawing["summary"]
    for step in drawing["steps"]:
        yield from (step["title"], step["words"])
    changes = [change for step in drawing["steps"] for change in step["changes"].values()]
    for part in [*drawing["parts"], *drawing["arrows"], *changes]:
        for kind in ("text", "label", "detail", "note"):
            yield part.get(kind, "")


def too_early(
    lesson: str, texts: Iterable[str], explained: Container[str] = frozenset()
) -> set[str]:
    """The terms in `texts` that a later lesson teaches, but for the `explained` ones."""
    return {
        f"{word!r} is taught in {term.taught_in}"
        for text in texts
        for word, term in mentions(text)
        if ORDER.index(term.taught_in) > ORDER.index(lesson) and term.name not in explained
    }


@LESSONS
def test_no_lesson_uses_a_term_before_the_lesson_that_teaches_it(lesson: Lesson):
    assert not too_early(lesson.name, prose_of(lesson))


@EXERCISES
def test_no_exercise_uses_a_term_before_it_is_taught_unless_it_explains_it(exercise: Exercise):
    lesson = COURSE.lesson_of(exercise.name)
    assert lesson
    explained = explained_in(exercise.statement)
    assert not too_early(lesson.name, texts_of(exercise), explained)


@LESSONS
def test_no_cheat_sheet_uses_a_term_before_the_lesson_that_teaches_it(lesson: Lesson):
    sheet = lesson.path.with_name("cheat_sheet.md").read_text(encoding="utf-8")
    assert not too_early(lesson.name, [CODE.sub(" ", sheet)])


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


def test_the_messages_of_checks_are_read_with_gaps_for_their_values():
    source = '''"""An epoch."""


def check_it(submission):
    """A GAN."""
    assert submission.key == "tape", "Your loss is " "wrong."
    assert submission, f"The {submission} of one epoch " f"is {3:.2f}."
'''
    assert list(messages_of(source)) == [
        "Your loss is wrong.",
        "The … of one epoch is ….",
    ]


def test_a_statement_explains_what_it_sets_in_italics():
    statement = 'The *loss* and the **stride**: *"no epoch"*, *a seed*, * a gate\n* a tape'
    assert explained_in(statement) == {"loss"}


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
