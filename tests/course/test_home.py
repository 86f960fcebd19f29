"""What the home page counts."""

import pytest

from torchcamp.course.content import Lesson, course
from torchcamp.course.progress import Standing
from torchcamp.course.server import home


def standings(lesson: Lesson, states: list[str]) -> dict[str, Standing]:
    padded = states + ["new"] * (len(lesson.exercises) - len(states))
    return {
        name: Standing(state=state, attempts=1, hints=0)
        for name, state in zip(lesson.exercises, padded, strict=True)
    }


LESSONS = [lesson for lesson in course().lessons if len(lesson.exercises) > 1]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_solved_exercise_takes_its_minutes_from_those_left(lesson: Lesson):
    first, *_ = lesson.exercises
    minutes, all_of_it = course().exercises[first].minutes, course().minutes(lesson)
    assert minutes > 0
    for states, left in (
        ([], all_of_it),
        (["tried"], all_of_it),
        (["passed"], all_of_it - minutes),
        (["changed"], all_of_it - minutes),
        (["passed"] * len(lesson.exercises), 0),
    ):
        assert home._minutes_left(lesson, standings(lesson, states)) == left
