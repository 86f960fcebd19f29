"""`dev check` finds each kind of fault of a translation, planted in a copy of the one that ships."""

from pathlib import Path

import pytest

from tests.instructor.small_content import write_content
from torchcamp.course.content import read_course
from torchcamp.course.judge.client import Judge
from torchcamp.instructor.translations import spoken_problems, translation_problems

NAME = "conv_output_size"
LESSON = '''import marimo

app = marimo.App()


@app.cell
def opening(lesson):
    lesson.opening("one")


@app.cell
def text(lesson):
    lesson.prose("""Some text.""")
    lesson.exercise("conv_output_size")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The exercise's folder, in a content folder whose lesson is translated as well."""
    folder = write_content(tmp_path / "content", NAME, translated=True)
    (folder.parent / "lesson.py").write_text(LESSON)
    german = LESSON.replace("Some text.", "Ein Text.")
    (folder.parent / "lesson.de.py").write_text(german)
    (tmp_path / "content" / "course.de.toml").write_text('[one]\ntitle = "Eins"\n')
    return folder


def test_a_sound_translation(folder: Path):
    assert list(translation_problems(folder.parents[2])) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("statement.de.md", "Gib zurück", "## Aufgabe\n\nGib zurück", "other headings"),
        ("statement.de.md", "Gib zurück", "```\nx\n```\n\nGib zurück", "other blocks of code"),
        ("statement.de.md", "`stride` Pixel", "`Schritt` Pixel", "`Schritt` stands only in the tr"),
        ("statement.de.md", "`stride` Pixel", "Schritt Pixel", "`stride` stands only in the Engl"),
        ("misconceptions.de.md", "## rounded_up\n", "## aufgerundet\n", "rounded_up has no feedback"),
        ("misconceptions.de.md", "## rounded_up\n", "## aufgerundet\n", "aufgerundet is no misc"),
        ("misconceptions.de.md", "`//`.\n", "\n```diff\n-x\n```\n", "it has blocks of code"),
        ("exercise.de.toml", "title", "minutes = 3\ntitle", "minutes is not translated"),
        ("exercise.de.toml", "hints = [", 'hints = ["Noch einer.",', "it has 4 hints, the exercise"),
        ("exercise.de.toml", "title = ", "title ", "exercise.de.toml cannot be read"),
        ("checks.de.md", "## It begins", "## He begins", "checks.py does not say 'He begins at"),
        ("checks.de.md", "hat {returned} zur", "hat zur", "{returned} does not stand in both"),
        ("checks.de.md", "{expected}. {{why}}\n\n## A", "{expected}.\n\n## A", "{{why}} does not stand"),
        ("checks.de.md", "Er beginnt bei Pixel 0, 2, 4 oder 6.", "", "has no translation"),
        ("../lesson.de.py", "def text", "def words", "it has other cells than lesson.py"),
        ("../lesson.de.py", 'exercise("conv', 'exercise("con', "the cell text calls other functions"),
        ("../../../course.de.toml", "[one]", "[two]", "course.toml names no lesson two"),
        ("../../../course.de.toml", "title", "minutes", "one may have a title and a question"),
    ],
)  # fmt: skip
def test_each_fault_is_found(folder: Path, file: str, old: str, new: str, words: str):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    problems = list(translation_problems(folder.parents[2]))
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("notes.de.md", "notes.de.md belongs to no file: there is no notes.md"),
        ("solution.de.py", "solution.py is not translated"),
        ("../summary.de.md", "summary.de.md belongs to no file"),
        ("../../../about.de.md", "about.de.md belongs to no file"),
    ],
)
def test_a_translation_belongs_to_a_file(folder: Path, file: str, words: str):
    (folder / file).write_text("")
    problems = list(translation_problems(folder.parents[2]))
    assert any(words in problem for problem in problems), problems


def test_every_sentence_that_is_said_is_known(folder: Path, judge: Judge):
    exercise = read_course(folder.parents[2]).find(NAME)
    assert list(spoken_problems(exercise, judge)) == []
    path = folder / "checks.de.md"
    text = path.read_text()
    path.write_text(text.replace("## With one zero", "## With zero"))
    (folder / "checks.fr.md").write_text(text)
    problems = list(spoken_problems(read_course(folder.parents[2]).find(NAME), judge))
    first = "checks.fr.md has no sentence for: All checks pass."
    assert any(problem.startswith(first) for problem in problems)
