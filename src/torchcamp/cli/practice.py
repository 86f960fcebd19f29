"""`torchcamp practice`, `check`, `hint`, `reset`, `solution`: the exercises without a browser."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.cli.latex import for_terminal
from torchcamp.cli.shared import json_option, print_json, say

if TYPE_CHECKING:
    from torchcamp.course.content import Exercise
    from torchcamp.course.judge.client import Judge, Verdict

EXERCISE = click.argument("exercise")
MARKS = {"new": " ", "tried": "~", "passed": "✓", "changed": "✓"}


def _workspace() -> Path:
    """The workspace, created or completed if necessary."""
    from torchcamp.course.workspace import prepare_workspace

    return prepare_workspace()


@click.command("practice")
@click.argument("exercise", required=False)
@click.option("--list", "only_list", is_flag=True, help="Only list the exercises.")
def practice(exercise: str | None, only_list: bool) -> int:
    """Show an exercise: the named one, or the next unsolved one; list all when all are solved."""
    from rich.console import Console
    from rich.markdown import Markdown

    from torchcamp.course.answers import answer_path
    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress

    workspace = _workspace()
    progress = Progress(workspace)
    standings = {name: progress.standing(name) for name in course().exercises}
    following = next((n for n, s in standings.items() if not s.passed), None)
    if exercise is not None:
        following = course().find(exercise).name
    if only_list or following is None:
        for lesson in course().lessons:
            print(lesson.title)
            for name in lesson.exercises:
                each, standing = course().exercises[name], standings[name]
                changed = "  (changed since it passed)" if standing.state == "changed" else ""
                print(f"  {MARKS[standing.state]} {name:<20} {each.minutes:>3} min  "
                      f"{each.title}{changed}")  # fmt: skip
        solved = sum(standing.passed for standing in standings.values())
        print(f"{solved} of {len(standings)} solved")
        return 0
    entry = course().exercises[following]
    path = answer_path(workspace, entry)
    console = Console()
    console.print(f"[bold]{entry.title}[/]  [dim]{following}, {entry.minutes} min[/]\n")
    console.print(Markdown(for_terminal(entry.statement)))
    console.print(f"\nYour answer: {path}", highlight=False)
    console.print(f"Then: [bold]torchcamp check {following}[/]   Stuck: torchcamp hint {following}")
    return 0


@click.command("check")
@click.argument("exercise", required=False)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this file instead of answers/EXERCISE.py; nothing is recorded.",
)
@click.option("--watch", is_flag=True, help="Check again whenever the file changes; Ctrl-C stops.")
@json_option
def check(exercise: str | None, file: Path | None, watch: bool, as_json: bool) -> int:
    """Check an answer: answers/EXERCISE.py, by default of the next unsolved exercise.

    Exit code 0 if it passes, 1 if it does not.
    """
    from torchcamp.course.content import course
    from torchcamp.course.judge.client import Judge
    from torchcamp.course.progress import Progress

    if file is not None and exercise is None:
        raise click.UsageError(
            "--file needs the exercise's name: torchcamp check EXERCISE --file F"
        )
    workspace = _workspace()
    if exercise is None:
        progress = Progress(workspace)
        names = [n for n in course().exercises if not progress.standing(n).passed]
        if not names:
            say("all exercises are solved; name one to check it again")
            return 0
        exercise = names[0]
    entry = course().find(exercise)
    with Judge() as judge:
        if watch:
            _watch(judge, entry, workspace, file, as_json)
            return 0
        verdict = _check(judge, entry, workspace, file)
        _show(verdict, as_json)
    return 0 if verdict.passed else 1


def _check(judge: "Judge", exercise: "Exercise", workspace: Path, file: Path | None) -> "Verdict":
    from torchcamp.course.answers import answer_path
    from torchcamp.course.progress import Progress

    path = file or answer_path(workspace, exercise)
    verdict = judge.verdict(exercise, path)
    if file is None:
        Progress(workspace).record(verdict, path.read_text())
    return verdict


def _watch(
    judge: "Judge", exercise: "Exercise", workspace: Path, file: Path | None, as_json: bool
) -> None:
    """Check, then check again after each change of the file, until Ctrl-C."""
    from torchcamp.course.answers import answer_path

    path = file or answer_path(workspace, exercise)
    say(f"watching {path}; Ctrl-C stops")
    stamp = -1
    while True:
        try:
            now = path.stat().st_mtime_ns
        except OSError:
            now = stamp  # an editor is just replacing the file
        if now != stamp:
            stamp = now
            _show(_check(judge, exercise, workspace, file), as_json)
            sys.stdout.flush()
        time.sleep(0.1)


def _show(verdict: "Verdict", as_json: bool) -> None:
    if as_json:
        print_json(verdict.as_json())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    title, style = {
        "pass": ("Solved.", "bold green"),
        "fail": ("Not yet.", "bold red"),
        "error": ("It could not be run.", "bold red"),
        "limit": ("Stopped.", "bold red"),
    }[verdict.verdict]
    console.print(f"[{style}]{title}[/] [dim]{verdict.exercise}[/]")
    console.print(Markdown(verdict.message))
    if not verdict.passed:
        console.print(f"[dim]torchcamp hint {verdict.exercise}[/]")


@click.command("hint")
@EXERCISE
def hint(exercise: str) -> int:
    """Show one more hint for EXERCISE."""
    from rich.console import Console
    from rich.markdown import Markdown

    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress

    entry = course().find(exercise)
    progress = Progress(_workspace())
    before = progress.standing(exercise).hints
    shown = progress.take_hint(exercise, len(entry.hints))
    for number, text in enumerate(entry.hints[:shown], start=1):
        Console().print(Markdown(f"{number}. {text}"))
    if before == len(entry.hints):
        say(f"no more hints; see our solution with: torchcamp solution {exercise}")
    return 0


@click.command("reset")
@EXERCISE
def reset(exercise: str) -> int:
    """Reset the answer to EXERCISE to the starter; the old one is kept."""
    from torchcamp.course import answers
    from torchcamp.course.content import course

    entry, workspace = course().find(exercise), _workspace()
    kept = answers.reset(workspace, entry)
    print(f"{answers.answer_path(workspace, entry)} is the starter again")
    if kept:
        print(f"your old answer is in {kept}")
    return 0


@click.command("solution")
@EXERCISE
def solution(exercise: str) -> int:
    """Show our solution of EXERCISE, for comparison or for help."""
    from rich.console import Console
    from rich.syntax import Syntax

    from torchcamp.course.content import course

    entry = course().find(exercise)
    _workspace()
    if sys.stdout.isatty():
        Console().print(Syntax(entry.solution, "python", background_color="default"))
    else:
        print(entry.solution, end="")
    return 0
