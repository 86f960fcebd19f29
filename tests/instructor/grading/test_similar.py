"""Copies are shown; answers that the exercise makes alike are not."""

import re

import pytest

from torchcamp.course.content import Exercise, course
from torchcamp.instructor.grading import similar as module
from torchcamp.instructor.grading.similar import similar

EXERCISES = course().exercises


def other_answer(number: int, lines: int = 14) -> str:
    """A long answer like no other: what stands in it depends on `number`."""
    steps = [
        f"    value{k} = torch.stack([x.roll({number * 7 + k}), x * {number + k}]).sum({k % 3})[{k}:, {number}]"
        if (number + k) % 2
        else f"    value{k} = x.reshape(-1, {k + 2}, {number + 3}).amax({k % 2}) / {k + number * 31}"
        for k in range(lines)
    ]
    return "\n".join(["import torch", "", "", "def answer(x):", *steps, "    return value3", ""])


def renamed(text: str) -> str:
    """The same answer with other names, comments and white space."""
    text = (
        re.sub(r"\bvalue(\d+)", r"mine_\1", text).replace("(x)", "(given)").replace("x.", "given.")
    )
    text = text.replace("[x", "[given").replace(" x ", " given ")
    return "# entirely my own\n" + text.replace("    ", "\t").replace(", ", " ,  ")


@pytest.fixture
def exercise() -> Exercise:
    return course().find("softmax")


def test_a_copy_with_other_names_is_shown(exercise: Exercise):
    original = other_answer(1)
    copy = renamed(original)
    assert copy != original
    pairs, short = similar(
        exercise, {"anna": original, "ben": other_answer(2), "cleo": other_answer(3), "dana": copy}
    )
    (pair,) = pairs
    assert (pair.one, pair.other) == (("anna",), ("dana",))
    assert pair.shared > 0.9
    assert not pair.word_for_word
    assert short is None
    lines = original.splitlines()
    assert {lines[n - 1].strip()[:6] for n in pair.lines[0]} >= {"value0", "value9"}


def test_the_same_words_are_shown_as_such(exercise: Exercise):
    texts = {"anna": other_answer(1), "ben": other_answer(1), "cleo": other_answer(2)}
    (pair,), _ = similar(exercise, texts)
    assert pair.word_for_word
    assert {*pair.one, *pair.other} == {"anna", "ben"}


@pytest.mark.parametrize("name", ["softmax", "standardize", "train_step", "bug_hunt_cnn"])
def test_what_is_ours_says_nothing(name: str):
    """The starter, right answers and known wrong ones, each handed in by two."""
    exercise = course().find(name)
    sources = [exercise.starter, exercise.solution]
    sources += [path.read_text(encoding="utf-8") for path in exercise.accepted]
    sources += [text for each in exercise.misconceptions for text in each.sources.values()]
    answers = {f"{who}{number}": text for number, text in enumerate(sources) for who in "ab"}
    assert similar(exercise, answers)[0] == []


def test_independent_right_answers_are_not_shown():
    """Our accepted answers, as if we did not know them."""
    compared = 0
    for exercise in EXERCISES.values():
        accepted = [path.read_text(encoding="utf-8") for path in exercise.accepted]
        if len(accepted) > 1:
            stranger = _Stranger(exercise)
            answers = {str(number): text for number, text in enumerate(accepted)}
            pairs, _ = similar(stranger, answers)  # pyright: ignore[reportArgumentType]
            assert pairs == [], exercise.name
            compared += 1
    assert compared > 20


class _Stranger:
    """An exercise of which only the starter and our solution are known."""

    accepted = misconceptions = ()

    def __init__(self, exercise: Exercise) -> None:
        self.name, self.starter, self.solution = exercise.name, exercise.starter, exercise.solution


def test_what_many_write_says_nothing(exercise: Exercise):
    shared = other_answer(1)
    few = {f"few{n}": shared.replace("value3", f"value{n}") for n in range(3)}
    others = {f"other{n}": other_answer(n + 10) for n in range(20)}
    assert similar(exercise, few | others)[0]
    many = {f"many{n}": shared.replace("return value3", f"return value3 + {n}") for n in range(12)}
    assert similar(exercise, many | others)[0] == []


def test_short_answers_are_left_out(exercise: Exercise):
    texts: dict[str, str] = dict.fromkeys(["anna", "ben"], "def softmax(x):\n    return x / x\n")
    pairs, short = similar(exercise, texts)
    assert pairs == []
    assert short is not None
    assert (short.exercise, short.num_answers, short.num_compared) == ("softmax", 2, 0)


@pytest.mark.parametrize(
    "text", ["def (", "'''", "\0", "x" * (module.LONGEST + 1), "(" * 300, "", "\\"]
)
def test_what_cannot_be_read_is_left_out(exercise: Exercise, text: str):
    assert similar(exercise, {"anna": text, "ben": text})[0] == []


def test_the_closest_come_first_and_not_without_end(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    texts = {}
    for number in range(6):
        original = other_answer(number + 1, 14)
        texts[f"a{number}"] = original
        texts[f"b{number}"] = (
            "\n".join(original.splitlines()[: 18 - number]) + f"\n    return {number}\n"
        )
    pairs, _ = similar(exercise, texts)
    assert [pair.shared for pair in pairs] == sorted((p.shared for p in pairs), reverse=True)
    monkeypatch.setattr(module, "MOST_PAIRS", 2)
    assert similar(exercise, texts)[0] == pairs[:2]
