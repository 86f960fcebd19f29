"""What the home page counts, and what it names next."""

from pathlib import Path

import pytest
from markupsafe import escape

from torchcamp.course.content import Exercise, Lesson, course
from torchcamp.course.judge.client import Verdict
from torchcamp.course.progress import Progress, Standing, following
from torchcamp.course.server import home
from torchcamp.course.workspace import prepare_workspace


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
    assert 0 < minutes < all_of_it
    for states, left in (
        ([], all_of_it),
        (["tried"], all_of_it),
        (["passed"], all_of_it - minutes),
        (["changed"], all_of_it - minutes),
        (["passed"] * len(lesson.exercises), 0),
    ):
        assert home._card(lesson, standings(lesson, states), "").left == left


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_core_has_minutes_of_its_own(lesson: Lesson):
    core = [each.name for each in course().core(lesson)]
    states = ["passed" if name in core else "new" for name in lesson.exercises]
    card = home._card(lesson, standings(lesson, states), "")
    assert (card.core_solved, card.solved, card.core_left) == (len(core), len(core), 0)
    assert home._card(lesson, {}, "").core_left == card.core_minutes * bool(core)
    rest = course().minutes(lesson) - sum(course().exercises[n].minutes for n in core)
    assert card.left == rest * bool(course().more_practice(lesson))


def passed(exercises: list[Exercise]) -> dict[str, Standing]:
    names = {each.name for each in exercises}
    return {
        name: Standing(state="passed" if name in names else "new", attempts=1, hints=0)
        for name in course().exercises
    }


def test_the_core_comes_next_then_the_rest():
    everything = list(course().exercises.values())
    core = [each for each in everything if each.core]
    assert following({}) == (core or everything)[0]
    if core:
        assert following(passed(core[:3])) == core[3]
    rest = [each for each in everything if not each.core]
    assert following(passed(core)) == rest[0]
    assert following(passed(everything)) is None


def test_what_is_left_of_the_lesson_comes_first():
    lesson = next(each for each in LESSONS if len(course().more_practice(each)) > 1)
    first, second, *_ = course().more_practice(lesson)
    assert following(passed([first]), after=first.name) == second
    assert following(passed([*course().more_practice(lesson)]), after=first.name) == following(
        passed([*course().more_practice(lesson)])
    )


def test_the_page_says_where_to_begin_and_where_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    workspace = prepare_workspace(tmp_path)
    monkeypatch.setenv(home.WORKSPACE, str(workspace))
    page = home.home_page()
    assert "Begin with lesson 1" in page
    assert page.count('class="lesson') == len(course().lessons)
    first = following({})
    assert first is not None
    Progress(workspace).record(Verdict(exercise=first.name, verdict="pass"), first.solution)
    second = following(passed([first]))
    assert second is not None
    page = home.home_page()
    assert "Go on" in page
    assert f"<b>{escape(second.title)}</b>" in page
    Progress(workspace).path.write_text("{")
    assert "Your progress cannot be read." in home.home_page()


def test_the_page_reminds_of_what_was_met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    workspace = prepare_workspace(tmp_path / "camp")
    monkeypatch.setenv(home.WORKSPACE, str(workspace))
    assert "What you have met" not in home.home_page()
    met = course().find("softmax").misconceptions[0]
    for _ in range(3):
        verdict = Verdict(exercise="softmax", verdict="fail", misconception=met.name)
        Progress(workspace).record(verdict, "x")
    page = home.home_page()
    assert "What you have met" in page
    assert met.title.replace("`", "") in page.replace("<code>", "").replace("</code>", "")
    assert "3 times" in page
