"""`torchcamp dev`: for those who write the course."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.content import author_content_option, folder_to_write, for_authors
from torchcamp.cli.shared import Group, json_option, print_json, say

if TYPE_CHECKING:
    from torchcamp.instructor.catalogue import GroupCoverage

WIDTH = 100  # columns of what is printed for reading
INDENT = " " * 7  # the width of an entry's id and the space before and after it


@click.group("dev", cls=Group)
def command() -> None:
    """For those who write the course: prove the content, try its checks, begin new pieces."""


@command.command("check")
@json_option
@click.option(
    "--coverage",
    is_flag=True,
    help="Also print the catalogue: each entry, and the exercises that show it.",
)
@click.option(
    "--disturb",
    is_flag=True,
    help="Also break each solution in eleven ways, and list those that its checks let pass.",
)
@for_authors
def check(as_json: bool, coverage: bool, disturb: bool) -> int:
    """Run every exercise's starter, solution, accepted answers and misconceptions.

    Exit code 1 where a promise of the content does not hold.
    """
    from torchcamp.course.content import held_content
    from torchcamp.instructor import authoring
    from torchcamp.instructor import catalogue as known_mistakes

    content = held_content()
    # Read first: a catalogue that cannot be read is said before minutes of proving.
    catalogue = known_mistakes.read_catalogue(content) if coverage else {}
    report = authoring.check_content(content, say, disturb=disturb)
    covered = known_mistakes.coverage(report.catalogue, catalogue)
    shown = authoring.shown_by(content) if coverage else {}
    reasons = authoring.not_shown(content) if coverage else {}
    if as_json:
        groups = {letter: asdict(group) for letter, group in covered.items()}
        print_json(
            report.as_json()
            | ({"coverage": groups, "shown_by": shown, "not_shown": reasons} if coverage else {})
            | ({"disturbed": report.disturbed} if disturb else {})
        )
    else:
        for line in _coverage_lines(covered, shown, reasons):
            echo(line)
        for name, ways in report.disturbed.items() if disturb else ():
            echo(f"{name} lets pass: {'; '.join(ways)}")
        for problem in report.problems:
            echo(problem)
        echo(
            f"{report.exercises} exercises ({report.reading} of them reading), "
            f"{report.misconceptions} misconceptions ({len(report.catalogue)} entries of the catalogue)"
        )
        echo(
            f"{report.lessons} lessons, {report.core} core exercises in {report.minutes_core} minutes, "
            f"{len(report.problems)} problems"
        )
    return 1 if report.problems else 0


def _coverage_lines(
    covered: dict[str, "GroupCoverage"], shown: dict[str, list[str]], reasons: dict[str, str]
) -> Iterator[str]:
    """Group by group, each entry's sentence and the exercises that show it, or why none does."""
    for letter, group in covered.items():
        yield f"{letter}  {group.title}: {len(group.shown)} of {len(group.sentences)} shown"
        for entry, sentence in group.sentences.items():
            where = (
                f"shown by {', '.join(shown[entry])}"
                if entry in group.shown
                else f"not shown: {reasons.get(entry, 'no reason is given')}"
            )
            yield _filled(sentence, f"  {entry:<5}", INDENT)
            yield _filled(where, INDENT, INDENT + "  ")
        yield ""


def _filled(text: str, first_indent: str, next_indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first_indent,
        subsequent_indent=next_indent,
        break_on_hyphens=False,
    )


@command.command("mutants")
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@json_option
@for_authors
def mutants(names: tuple[str, ...], as_json: bool) -> int:
    """Changes to a solution that its checks let pass; of all exercises, some minutes.

    Each is another way to write the same, or a mistake that the checks should refuse.
    """
    from torchcamp.course.content import course
    from torchcamp.instructor.mutants import survivors

    exercises = [course().find(name) for name in names] or course().own_exercises
    found = []
    for each in survivors(exercises, say):
        found.append(each)
        if not as_json:
            echo(f"{each.exercise}: {each.num_mutants} changes, {len(each.passed)} pass")
            for mutant in each.passed:
                echo(f"  line {mutant.line:<3} {mutant.words}")
    if as_json:
        print_json(
            {
                each.exercise: {
                    "mutants": each.num_mutants,
                    "passed": [{"line": m.line, "words": m.words} for m in each.passed],
                }
                for each in found
            }
        )
    return 0


@command.command("behaviours")
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@for_authors
def behaviours(names: tuple[str, ...]) -> int:
    """Write down what small changes of a solution do; of all exercises, some minutes.

    An answer that is like no misconception, and does the same as one of these, is told so. Run it
    after a change to a solution, an accepted answer, a starter, checks or misconceptions.
    """
    from torchcamp.course.content import course
    from torchcamp.instructor.behaviours import write_behaviours

    write_behaviours([course().find(name) for name in names] or course().own_exercises, say)
    return 0


@command.command("show")
@click.argument("exercise")
@click.argument("name", required=False)
@for_authors
def show(exercise: str, name: str | None) -> int:
    """Print the misconception NAME of EXERCISE as Python; without NAME, list them with their entries.

    torchcamp check EXERCISE --file <(torchcamp dev show EXERCISE NAME) says what its author is told.
    """
    from torchcamp.base.errors import ContentError, suggest
    from torchcamp.course.content import course

    misconceptions = {each.name: each for each in course().find(exercise).misconceptions}
    if name is None:
        width = max(map(len, misconceptions), default=0)
        for each in misconceptions.values():
            echo(f"{each.name:<{width}}  {', '.join(each.catalogue)}".rstrip())
        return 0
    if name not in misconceptions:
        hint = suggest(name, misconceptions, listed_as="Misconceptions")
        raise ContentError(f"{exercise} has no misconception {name!r}. {hint}")
    echo(misconceptions[name].source, end="")
    return 0


@command.command("new")
@click.argument("kind", type=click.Choice(["exercise", "lesson", "model"]))
@click.argument("name")
@author_content_option
def new(kind: str, name: str, content: str | None) -> int:
    """Begin a new exercise (LESSON/NAME), lesson or model.

    With --content, or in a folder that holds a course.toml, it becomes content of your own; the
    folder's first lesson also begins its course.toml. Else it is written in this checkout.
    """
    from torchcamp.base.paths import CONTENT
    from torchcamp.instructor import scaffold

    folder = folder_to_write(content)
    if folder == CONTENT:
        scaffold.require_checkout(CONTENT.parent)
        written, following = scaffold.begin(kind, name, CONTENT.parent), scaffold.NEXT
    else:
        written, following = scaffold.begin_own(kind, name, folder), scaffold.NEXT_OWN
    for path in written:
        echo(path)
    say(f"next: {following[kind].format(name=name, folder=folder)}")
    return 0
