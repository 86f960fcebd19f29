"""Reading exercises: what counts as the same prediction, and how the code that is read is run."""

import dataclasses
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from torchcamp.course.content import READING, course
from torchcamp.course.judge.predictions import (
    changing_lines,
    compare,
    first_wrong,
    raising_line,
    rewritten,
)
from torchcamp.reading.source import SymbolError, source_of

LINE = 'losses["loss"].backward()'


@pytest.mark.parametrize(
    ("given", "happened"),
    [
        ([64, 784], (64, 784)),
        (3.0, 3),
        (2.3, 2.3025851),
        (0.25, 0.25),
        ("  losses[\"loss\"].backward()  # now", LINE),
        ("Not at all", "not at all"),
        (["b", "a", "a"], {"a", "b"}),
        ({0, 1}, {0.0, 1.0}),
        ({}, {}),
    ],
)  # fmt: skip
def test_the_same_prediction(given: Any, happened: Any):
    assert compare(SimpleNamespace(x=given), {"x": happened}, "x") == ""


@pytest.mark.parametrize(
    ("given", "happened"),
    [
        ((784, 64), (64, 784)),
        (601, 600),
        (2.27, 2.3025851),
        (0.0, 0.01),
        (1, True),
        (True, 1.0),
        (False, 0.0),
        ("backward()", LINE),
        ({"a"}, {"a", "b"}),
        ("a", {"a"}),
        (None, (3,)),
        (print, 3),
    ],
)
def test_another_prediction(given: Any, happened: Any):
    assert compare(SimpleNamespace(x=given), {"x": happened}, "x")


@pytest.mark.parametrize(
    ("given", "happened", "words"),
    [
        ((1,), (2,), "You predicted `x = (1,)`. The code has been run, and it was `(2,)`."),
        ({"b"}, {"b", "a"}, "`x = {'b'}`. The code has been run, and it was `{'a', 'b'}`."),
        (set(), {"a"}, "`x = set()`. The code"),
        (9.210340371976184, 2.3025851249694824, "`x = 9.21`. The code has been run, and it was `2.303`."),
        (64, (64,), "`(64,)`. (A tuple of one number needs a comma: `(64,)`.)"),
    ],
)  # fmt: skip
def test_what_the_learner_is_told(given: Any, happened: Any, words: str):
    assert words in compare(SimpleNamespace(x=given), {"x": happened}, "x")


def test_an_answer_is_known_by_its_first_wrong_prediction():
    happened = {"a": (1, 2), "b": LINE, "c": True}
    assert first_wrong(SimpleNamespace(a=[1, 2], b=LINE, c=True), happened) == []
    one = first_wrong(SimpleNamespace(a=(1, 2), b=" x.step() # here", c=True), happened)
    two = first_wrong(SimpleNamespace(a=(1, 2), b="x.step()", c=False), happened)
    assert one == two == ["b", "x.step()"]


def doubled(values: list[int]) -> list[int]:
    values.append(2)
    copy = list(values)
    copy.append(3)
    values[0] = 7
    return copy


def test_lines_that_change_something():
    values = [1]
    tracer = sys.gettrace()
    lines = changing_lines(doubled, lambda: doubled(values), lambda: values)
    assert lines == ["values.append(2)", "values[0] = 7"]
    assert changing_lines(doubled, lambda: doubled([1]), lambda: values) == []
    assert sys.gettrace() is tracer


def test_code_with_a_change():
    changed = rewritten(doubled, "copy.append(3)", "copy.append(1 / 0)")
    assert doubled([1]) == [1, 2, 3]
    again = rewritten(doubled, "copy.append(3)", "copy.append(4)")
    assert again([1]) == [1, 2, 4]
    # Also after another change has been made.
    assert raising_line(lambda: changed([1])) == "copy.append(1 / 0)"
    assert raising_line(lambda: again([1])) is None
    assert raising_line(lambda: int("no line of changed code")) is None


@pytest.mark.parametrize("old", ["copy.append(5)", "append"])
def test_a_change_that_no_longer_fits_is_an_error(old: str):
    with pytest.raises(ValueError, match=r"stands \d times in doubled"):
        rewritten(doubled, old, "")


def test_statements_show_the_code_as_it_is_now():
    exercises = [each for each in course().exercises.values() if each.kind == READING]
    assert len(exercises) >= 20
    for exercise in exercises:
        statement = exercise.statement
        assert exercise.quotes
        for reference in exercise.quotes:
            if "::" in reference:
                file = reference.partition("::")[0]
                code = f"# torchcamp/{file}\n{source_of(reference)}"
            else:
                code = (exercise.folder / reference).read_text().strip()
            assert f"```python\n{code}\n```" in statement, exercise.name


def test_each_lesson_has_something_to_read():
    for lesson in course().lessons:
        kinds = [course().exercises[name].kind for name in lesson.exercises]
        assert READING in kinds, lesson.name


def test_a_quoted_symbol_that_is_gone(tmp_path):
    exercise = dataclasses.replace(course().find("read_shapes"), folder=tmp_path)
    (tmp_path / "statement.md").write_text("```python models/gan.py::Gone\n```\n")
    with pytest.raises(SymbolError, match="no 'Gone'"):
        print(exercise.statement)
