"""`torchcamp practice`, `check`, `hint`, `reset`, `solution`: the exercises without a browser."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from torchcamp.base.files import MOST_SOURCE, in_words, regular_text, require_regular
from torchcamp.base.terminal import echo, open_console
from torchcamp.cli.content import for_learners
from torchcamp.cli.latex import for_terminal
from torchcamp.cli.shared import json_option, print_json, say

if TYPE_CHECKING:
    from torchcamp.course.content import Exercise, Lesson
    from torchcamp.course.judge.client import Judge, Verdict
    from torchcamp.course.progress import Standing

EXERCISE = click.argument("exercise")
MARKS = {"new": " ", "tried": "~", "passed": "✓", "changed": "✓"}


def _workspace() -> Path:
    """The workspace, created or completed if necessary."""
    from torchcamp.course.workspace import prepare_workspace

    return prepare_workspace()


def _workspace_to_read() -> Path:
    """The same, for what can be shown without one: on a read-only or full disk it may be missing."""
    from torchcamp.base.errors import WorkspaceError
    from torchcamp.course.workspace import workspace_folder

    try:
        return _workspace()
    except WorkspaceError as error:
        say(f"{error}; nothing can be kept until then")
        return workspace_folder()


@click.command("practice")
@click.argument("name", required=False, metavar="[EXERCISE or LESSON]")
@click.option("--list", "only_list", is_flag=True, help="Only list the exercises.")
@json_option
@for_learners
def practice(name: str | None, only_list: bool, as_json: bool) -> int:
    """Show an exercise: the named one, or the next unsolved one; list all when all are solved.

    With a lesson's name, list that lesson's exercises.
    """
    from rich.markdown import Markdown
    from rich.text import Text

    from torchcamp.course.answers import answer_path
    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress, following

    workspace = _workspace_to_read()
    standings = Progress(workspace).standings()
    lessons = [lesson for lesson in course().lessons if lesson.name == name]
    entry = None if lessons else course().find(name) if name else following(standings)
    if only_list or entry is None:
        _list(lessons or list(course().lessons), standings, as_json)
        return 0
    try:
        path = answer_path(workspace, entry)
    except OSError as error:  # the exercise is shown all the same
        path = workspace / "answers" / f"{entry.name}.py"
        say(f"your answer could not be created: {in_words(error)}")
    if as_json:
        print_json(_as_json(entry, standings) | {"answer": str(path), "statement": entry.statement})
        return 0
    console = open_console()
    minutes = f"{entry.name}, {entry.minutes} min"
    console.print(Text.assemble((entry.title, "bold"), "  ", (minutes, "dim"), "\n"))
    console.print(Markdown(for_terminal(entry.statement)))
    console.print(f"\nYour answer: {path}", highlight=False)
    console.print(
        Text.assemble(
            "Then: ",
            (f"torchcamp check {entry.name}", "bold"),
            f"   Stuck: torchcamp hint {entry.name}",
        )
    )
    return 0


def _list(lessons: "list[Lesson]", standings: "dict[str, Standing]", as_json: bool) -> None:
    """The exercises of `lessons` with their states."""
    from torchcamp.course.content import course

    names = [name for lesson in lessons for name in lesson.exercises]
    if as_json:
        print_json([_as_json(course().find(name), standings) for name in names])
        return
    for lesson in lessons:
        echo(lesson.title)
        for name in lesson.exercises:
            each, standing = course().exercises[name], standings[name]
            changed = "  (changed since it passed)" if standing.state == "changed" else ""
            core = "core" if each.core else ""
            echo(f"  {MARKS[standing.state]} {name:<22} {each.minutes:>3} min  {core:<4}  "
                  f"{each.title}{changed}")  # fmt: skip
    echo(f"{sum(standings[name].passed for name in names)} of {len(names)} solved")


def _as_json(exercise: "Exercise", standings: "dict[str, Standing]") -> dict[str, Any]:
    from torchcamp.course.content import course

    lesson = course().lesson_of(exercise.name)
    return {
        "exercise": exercise.name,
        "title": exercise.title,
        "lesson": lesson.name if lesson else None,
        "minutes": exercise.minutes,
        "core": exercise.core,
        "state": standings[exercise.name].state,
    }


@click.command("check")
@click.argument("names", nargs=-1, metavar="[EXERCISE or LESSON]...")
@click.option("--all", "check_all", is_flag=True, help="Check every answer that has been begun.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this file instead of answers/EXERCISE.py; nothing is recorded.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Check again whenever the file changes, go on to the next when solved; Ctrl-C stops.",
)
@json_option
@for_learners
def check(
    names: tuple[str, ...], check_all: bool, file: Path | None, watch: bool, as_json: bool
) -> int:
    """Check answers: answers/EXERCISE.py, by default of the exercise that you last worked on.

    Several exercises and whole lessons may be named; of a lesson, the answers that have been begun are
    checked. Exit code 0 if all pass, 1 if one does not.
    """
    from torchcamp.course.judge.client import Judge

    if file is not None and len(names) != 1:
        raise click.UsageError(
            "--file needs the exercise's name: torchcamp check EXERCISE --file F"
        )
    workspace = _workspace()
    exercises = _named(names, check_all, workspace)
    if not exercises:
        say(_nothing_to_check(names, check_all))
        return 0
    if watch and len(exercises) > 1:
        raise click.UsageError("--watch follows one exercise at a time; name one")
    with Judge() as judge:
        if watch:
            _watch(judge, exercises[0], workspace, file, as_json)
            return 0
        verdicts = [_check(judge, each, workspace, file) for each in exercises]
        if len(verdicts) == 1:
            _show(verdicts[0], as_json, workspace if file is None else None)
        else:
            _show_several(verdicts, as_json)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def _named(names: tuple[str, ...], check_all: bool, workspace: Path) -> "list[Exercise]":
    """The exercises to check; of lessons and of `--all`, those whose answer differs from the starter."""
    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress, following

    progress = Progress(workspace)
    lessons = {lesson.name: lesson for lesson in course().lessons}
    if not names and not check_all:
        latest = progress.latest()
        if latest and not progress.standing(latest.name).passed:
            return [latest]
        coming = following(progress.standings(), after=latest.name if latest else None)
        return [coming] if coming else []
    chosen: dict[str, Exercise] = {}
    for name in course().exercises if check_all else ():
        chosen |= _if_begun(name, workspace)
    for name in names:
        for each in lessons[name].exercises if name in lessons else ():
            chosen |= _if_begun(each, workspace)
        if name not in lessons:
            chosen[name] = course().find(name)
    return list(chosen.values())


def _if_begun(name: str, workspace: Path) -> "dict[str, Exercise]":
    from torchcamp.course.content import course

    exercise, path = course().find(name), workspace / "answers" / f"{name}.py"
    try:
        begun = path.exists() and regular_text(path, MOST_SOURCE) != exercise.starter
    except OSError:
        begun = True  # the check says what is wrong with it
    return {name: exercise} if begun else {}


def _nothing_to_check(names: tuple[str, ...], check_all: bool) -> str:
    if check_all:
        return "no answer has been begun; start with: torchcamp practice"
    if names:
        return f"no answer has been begun in {', '.join(names)}; see: torchcamp practice {names[0]}"
    return "all exercises are solved; name one to check it again"


def _check(judge: "Judge", exercise: "Exercise", workspace: Path, file: Path | None) -> "Verdict":
    from torchcamp.course.answers import answer_path
    from torchcamp.course.progress import Progress

    path = file or answer_path(workspace, exercise)
    require_regular(path, MOST_SOURCE)
    verdict = judge.verdict(exercise, path)
    if file is None:
        try:
            Progress(workspace).record(verdict, path.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:  # the verdict is told all the same
            say(f"your progress could not be kept: {in_words(error)}")
    return verdict


def _watch(
    judge: "Judge", exercise: "Exercise", workspace: Path, file: Path | None, as_json: bool
) -> None:
    """Check, then check again after each change of the file, until Ctrl-C or q.

    Once it is solved, the next exercise is followed. In a terminal single keys help.
    """
    from torchcamp.course.answers import answer_path
    from torchcamp.course.progress import Progress, following

    path = file or answer_path(workspace, exercise)
    say(f"watching {path}; Ctrl-C stops")
    stamp = -1
    with single_keys() as key:
        while True:
            pressed = key()
            if pressed == "q":
                return
            try:
                now = path.stat().st_mtime_ns
            except OSError:
                now = stamp  # an editor is just replacing the file
            solved = False
            if now != stamp:
                stamp = now
                _clear()
                verdict = _check(judge, exercise, workspace, file)
                _show(verdict, as_json, workspace if file is None else None)
                if sys.stdin.isatty():
                    say("keys: h hint, s solution, n next exercise, l list, q quit")
                sys.stdout.flush()
                solved = verdict.passed and file is None
            if pressed == "h":
                _show_hints(exercise.name, workspace)
            elif pressed == "s":
                _show_solution(exercise)
            elif pressed == "l":
                from torchcamp.course.content import course

                _list(list(course().lessons), Progress(workspace).standings(), as_json=False)
            if solved or pressed == "n":
                standings = Progress(workspace).standings()
                coming = following(_without(standings, exercise), after=exercise.name)
                if coming is None:
                    return
                exercise, path, stamp = coming, answer_path(workspace, coming), -1
                stamp = path.stat().st_mtime_ns  # it is checked when it is saved
                say(f"now watching {path}: {coming.title}")
            time.sleep(0.1)


def _without(standings: "dict[str, Standing]", exercise: "Exercise") -> "dict[str, Standing]":
    """The standings with `exercise` counted as passed, so that something else comes next."""
    from torchcamp.course.progress import Standing

    return standings | {exercise.name: Standing(state="passed", attempts=1, hints=0)}


def _clear() -> None:
    """Begin a screen anew; what is piped stays whole."""
    if sys.stdout.isatty():
        sys.stdout.write("\033[2J\033[H")


@contextlib.contextmanager
def single_keys() -> "Iterator[Callable[[], str]]":
    """A function that gives the key pressed since it was last asked, or "" if there was none.

    Outside a terminal, and where terminals have no such mode, it always gives "".
    """
    if not sys.stdin.isatty():
        yield lambda: ""
        return
    import select
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield lambda: sys.stdin.read(1) if select.select([sys.stdin], [], [], 0)[0] else ""
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _show_several(verdicts: "list[Verdict]", as_json: bool) -> None:
    """A line for each verdict, and how many pass."""
    if as_json:
        print_json([verdict.as_json() for verdict in verdicts])
        return
    words = {"pass": "solved", "fail": "not yet", "error": "cannot be run", "limit": "stopped"}
    for verdict in verdicts:
        mark = "✓" if verdict.passed else " "
        echo(f"  {mark} {verdict.exercise:<22} {words[verdict.verdict]}")
    echo(f"{sum(verdict.passed for verdict in verdicts)} of {len(verdicts)} solved")


def _show(verdict: "Verdict", as_json: bool, workspace: Path | None) -> None:
    """The verdict; with the workspace in which it was recorded, also what comes next."""
    if as_json:
        print_json(verdict.as_json())
        return
    from rich.markdown import Markdown
    from rich.text import Text

    console = open_console()
    title, style = {
        "pass": ("Solved.", "bold green"),
        "fail": ("Not yet.", "bold red"),
        "error": ("It could not be run.", "bold red"),
        "limit": ("Stopped.", "bold red"),
    }[verdict.verdict]
    console.print(Text.assemble((title, style), " ", (verdict.exercise, "dim")))
    console.print(Markdown(verdict.message, hyperlinks=False))
    if not verdict.passed:
        console.print(Text(f"torchcamp hint {verdict.exercise}", "dim"))
    elif workspace:
        from torchcamp.course.progress import Progress, following

        standings = Progress(workspace).standings()
        solved = sum(standing.passed for standing in standings.values())
        coming = following(standings, after=verdict.exercise)
        way_on = f"Next: torchcamp practice {coming.name}" if coming else "That was the last one!"
        console.print(f"{solved} of {len(standings)} exercises solved. {way_on}", highlight=False)


@click.command("hint")
@EXERCISE
@for_learners
def hint(exercise: str) -> int:
    """Show one more hint for EXERCISE."""
    _show_hints(exercise, _workspace_to_read())
    return 0


def _show_hints(exercise: str, workspace: Path) -> None:
    from rich.markdown import Markdown

    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress

    entry = course().find(exercise)
    progress = Progress(workspace)
    before = progress.standing(exercise).hints
    try:
        shown = progress.take_hint(exercise, len(entry.hints))
    except OSError as error:
        shown = min(before + 1, len(entry.hints))
        say(f"your progress could not be kept: {in_words(error)}")
    for number, text in enumerate(entry.hints[:shown], start=1):
        open_console().print(Markdown(f"{number}. {text}"))
    if before == len(entry.hints):
        say(f"no more hints; see our solution with: torchcamp solution {exercise}")


@click.command("reset")
@EXERCISE
@for_learners
def reset(exercise: str) -> int:
    """Reset the answer to EXERCISE to the starter; the old one is kept."""
    from torchcamp.course import answers
    from torchcamp.course.content import course

    entry, workspace = course().find(exercise), _workspace()
    kept = answers.reset(workspace, entry)
    echo(f"{answers.answer_path(workspace, entry)} is the starter again")
    if kept:
        echo(f"your old answer is in {kept}")
    return 0


@click.command("solution")
@EXERCISE
@for_learners
def solution(exercise: str) -> int:
    """Show our solution of EXERCISE, for comparison or for help."""
    from torchcamp.course.content import course

    entry = course().find(exercise)
    _workspace_to_read()
    _show_solution(entry)
    return 0


def _show_solution(entry: "Exercise") -> None:
    from rich.syntax import Syntax

    if sys.stdout.isatty():
        open_console().print(Syntax(entry.solution, "python", background_color="default"))
    else:
        echo(entry.solution, end="")
