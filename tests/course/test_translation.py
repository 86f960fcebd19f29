"""What stands beside a file in another language is shown, and English where nothing stands."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instructor.small_content import write_content
from torchcamp.base.paths import CONTENT
from torchcamp.course import judge
from torchcamp.course.content import CONTENT_VARIABLE, course, read_course
from torchcamp.course.judge.client import Judge
from torchcamp.course.translation import (
    Phrase,
    Phrasebook,
    languages,
    phrasebook,
    phrases,
    sections,
    split_name,
    translated,
)
from torchcamp.course.workspace import prepare_workspace

NAME = "conv_output_size"
GERMAN = CONTENT / "messages.de.md"


@pytest.fixture(scope="module")
def judge_process() -> Iterator[Judge]:
    with Judge() as process:
        yield process


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHCAMP_LANGUAGE", "de")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("statement.de.md", ("statement.md", "de")),
        ("lesson.pt-BR.py", ("lesson.py", "pt-BR")),
        ("statement.md", ("statement.md", "")),
        ("night.yours.py", ("night.yours.py", "")),
        ("picture.de.svg", ("picture.de.svg", "")),
        (".de.md", (".de.md", "")),
    ],
)
def test_which_file_a_translation_belongs_to(name: str, found: tuple[str, str]):
    assert split_name(Path(name)) == found


BOOK = Phrasebook(
    (
        Phrase("`f({x})` gave {got}. {{why}}", "`f({x})` gab {got}. {{why}}"),
        Phrase("{{one}} Then: {{two}}", "{{one}} Dann: {{two}}"),
        Phrase("It is {n}, and {n} again.", "Es ist {n}, wieder {n}."),
        Phrase("Too far.", "Zu weit."),
    )
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("Too far.", "Zu weit."),
        ("Too\n  far.", "Zu weit."),
        ("`f(3)` gave [1, 2]. Too far.", "`f(3)` gab [1, 2]. Zu weit."),
        ("`f(3)` gave a\nb. Too far.", "`f(3)` gab a\nb. Zu weit."),
        ("`f(3)` gave 1. Who knows.", None),
        ("It is 4, and 4 again.", "Es ist 4, wieder 4."),
        ("It is 4, and 5 again.", None),
        ("Too far. Then: It is {n}, and {n} again.", "Zu weit. Dann: Es ist {n}, wieder {n}."),
        ("Too farx", None),
    ],
)
def test_a_sentence_takes_its_numbers_along(english: str, said: str | None):
    assert BOOK.say(english) == said


def test_paragraphs_fall_back_to_english_one_by_one():
    assert BOOK.or_english("Too far.\n\nWho knows.") == "Zu weit.\n\nWho knows."
    assert BOOK.or_english("Who knows.") == "Who knows."


@pytest.mark.usefixtures("german")
def test_the_shipped_exercise_speaks_german(judge_process: Judge):
    exercise = course().find(NAME)
    assert exercise.title == "Wie groß ist die Ausgabe einer Faltung?"
    assert exercise.hints[0].startswith("Zeichne die Pixelzeile")
    assert exercise.statement.startswith("Ein Filter von `kernel_size` Pixeln")
    wrong = {each.name: each for each in exercise.misconceptions}["padding_once"]
    said = judge_process.verdict_of(exercise, wrong.source, wrong.file_name).message
    assert said.startswith("`conv_output_size(7, 3, 1, 1)` hat 6 zurückgegeben; bei `F.conv1d`")
    assert "Mit je einer Null auf beiden Seiten" in said
    assert "Du hast das Padding nur einmal gezählt." in said
    unknown = exercise.solution.replace("- kernel_size", "")
    said = judge_process.verdict_of(exercise, unknown, "answer.py").message
    assert "Deine Antwort verhält sich, als würde `kernel_size` nicht abgezogen." in said
    unclosed = exercise.solution.replace(") //", " //")
    said = judge_process.verdict_of(exercise, unclosed, "answer.py").message
    assert said.startswith("Python kann Zeile")
    said = judge_process.verdict(exercise, exercise.folder / "starter.py").message
    assert said.startswith("Das TODO in `conv_output_size` (Zeile 11) ist noch offen")
    said = judge_process.verdict_of(exercise, exercise.solution, "answer.py").message
    assert said.startswith("Alle Prüfungen sind bestanden. Hier braucht torchcamp es selbst: `")


@pytest.mark.usefixtures("german")
def test_where_nothing_is_translated_all_is_english(judge_process: Judge):
    exercise, title = course().find("conv_params"), read_course(CONTENT).find("conv_params").title
    assert exercise.title == title
    said = judge_process.verdict(exercise, exercise.folder / "starter.py").message
    assert said.startswith("The TODO in")


def test_every_behaviour_can_be_said_in_german():
    book = phrasebook(CONTENT / "lessons" / "convolution" / NAME, "de")
    files = list(CONTENT.glob("lessons/*/*/behaviours.json"))
    found = [
        entry for file in files for each in json.loads(file.read_text())["behaviours"]
        for entry in each["as_if"]
    ]  # fmt: skip
    assert len(found) > 1000
    assert [words for words in dict.fromkeys(found) if book.say(words) is None] == []


def test_the_judge_says_what_is_translated():
    """An English heading that the judge no longer says would never be found."""
    known = [
        re.sub(r"\s+", " ", node.value)
        for file in Path(judge.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    told = [
        each for each in phrases(GERMAN) if each.english[0].isupper() and each.english[1] != " "
    ]
    assert len(told) > 15
    for phrase in told:
        for piece in phrase.literal_pieces:
            parts = [part.strip() for part in re.split(r"[.`(]", piece) if len(part.strip()) > 3]
            parts = [part.removesuffix(" in") for part in parts]  # "The TODO in `f`": two texts
            assert all(any(part in text for text in known) for part in parts), phrase


def test_a_lesson_is_copied_in_the_workspaces_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    exercise = write_content(tmp_path / "own", NAME)
    lesson = exercise.parent / "lesson.py"
    lesson.with_name("lesson.de.py").write_text("# Deutsch\n")
    lesson.with_name("cheat_sheet.md").write_text("sheet")
    lesson.with_name("cheat_sheet.de.md").write_text("Blatt")
    (tmp_path / "own" / "course.de.toml").write_text('[one]\ntitle = "Eins"\n')
    monkeypatch.setenv(CONTENT_VARIABLE, str(tmp_path / "own"))
    english, other = tmp_path / "english", tmp_path / "other"
    prepare_workspace(english)
    assert (english / "lessons" / "one.py").read_text() == lesson.read_text()
    (one,) = course().lessons
    assert (one.title, one.beside("cheat_sheet.md")) == ("t", lesson.with_name("cheat_sheet.md"))
    monkeypatch.setenv("TORCHCAMP_LANGUAGE", "de")
    prepare_workspace(other)
    assert (other / "lessons" / "one.py").read_text() == "# Deutsch\n"
    (one,) = course().lessons
    assert (one.title, one.question) == ("Eins", "q")
    sheet = one.beside("cheat_sheet.md")
    assert sheet
    assert sheet.read_text() == "Blatt"
    assert one.beside("picture.svg") is None
    assert languages(tmp_path / "own") == {"de"}


def test_content_may_bring_the_judges_words(tmp_path: Path, judge_process: Judge):
    folder = write_content(tmp_path / "own", NAME)
    (tmp_path / "own" / "messages.fr.md").write_text(
        "## All checks pass. Where torchcamp itself needs it: `{reference}`.\n\nTout est juste.\n"
    )
    exercise = read_course(tmp_path / "own").find(NAME)
    assert judge_process.verdict_of(exercise, exercise.solution, "a.py", "fr").message[:3] == "All"
    (folder / "checks.fr.md").write_text("")
    said = judge_process.verdict_of(exercise, exercise.solution, "a.py", "fr").message
    assert said == "Tout est juste."


def test_english_is_never_looked_for_beside(tmp_path: Path):
    for name in ("statement.md", "statement.en.md", "statement.de.md"):
        (tmp_path / name).touch()
    assert translated(tmp_path / "statement.md", "en").name == "statement.md"
    assert translated(tmp_path / "statement.md", "fr").name == "statement.md"
    assert translated(tmp_path / "statement.md", "de").name == "statement.de.md"
    assert sections("no heading") == {}
