"""`torchcamp dev`: for those who write the course."""

from pathlib import Path

import click

from torchcamp.cli.shared import json_option, print_json, say


@click.group("dev")
def command() -> None:
    """For those who write the course: prove the content, try its checks, begin new pieces."""


@command.command("check")
@json_option
@click.option(
    "--content",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another content folder than the one that ships.",
)
@click.option(
    "--coverage", is_flag=True, help="Also say which entries of the catalogue are shown, and where."
)
def check(as_json: bool, content: Path | None, coverage: bool) -> int:
    """Run every exercise's starter, solution, accepted answers and misconceptions.

    Exit code 1 where a promise of the content does not hold.
    """
    from torchcamp.base.paths import CONTENT
    from torchcamp.instructor import authoring

    report = authoring.check_content(content or CONTENT, say)
    covered = authoring.coverage(report.catalogue) if coverage else {}
    shown = authoring.shown_by(content or CONTENT) if coverage else {}
    reasons = authoring.not_shown(content or CONTENT) if coverage else {}
    if as_json:
        print_json(
            report.as_json()
            | ({"coverage": covered, "shown_by": shown, "not_shown": reasons} if coverage else {})
        )
    else:
        for group, entries in covered.items():
            print(f"{group} shown: {' '.join(entries['shown']) or '-'}")
            for entry in entries["shown"]:
                print(f"  {entry:<4} {', '.join(shown[entry])}")
            print(f"{group} not shown: {' '.join(entries['missing']) or '-'}")
            for entry in entries["missing"]:
                print(f"  {entry:<4} {reasons.get(entry, 'no reason is given')}")
        for problem in report.problems:
            print(problem)
        print(
            f"{report.exercises} exercises, {report.misconceptions} misconceptions "
            f"({len(report.catalogue)} entries of the catalogue), {report.lessons} lessons, "
            f"{len(report.problems)} problems"
        )
    return 1 if report.problems else 0


@command.command("mutants")
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@json_option
def mutants(names: tuple[str, ...], as_json: bool) -> int:
    """Changes to a solution that its checks let pass; of all exercises, some minutes.

    Each is another way to write the same, or a mistake that the checks should refuse.
    """
    from torchcamp.course.catalog import course
    from torchcamp.instructor.mutants import survivors

    exercises = [course().find(name) for name in names or course().exercises]
    found = []
    for each in survivors(exercises, say):
        found.append(each)
        if not as_json:
            print(f"{each.exercise}: {each.num_mutants} changes, {len(each.passed)} pass")
            for mutant in each.passed:
                print(f"  line {mutant.line:<3} {mutant.words}")
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


@command.command("new")
@click.argument("kind", type=click.Choice(["exercise", "lesson", "model"]))
@click.argument("name")
def new(kind: str, name: str) -> int:
    """Begin a new exercise (LESSON/NAME), lesson or model in this checkout."""
    from torchcamp.base.paths import CONTENT
    from torchcamp.instructor.scaffold import begin

    for path in begin(kind, name, CONTENT.parent):
        print(path)
    following = {
        "exercise": "name it in content/course.toml and show it in its lesson; then torchcamp dev check",
        "lesson": "add it to content/course.toml; then make check",
        "model": "add its recipe and its tests, as CONTRIBUTING.md says",
    }
    say(f"next: {following[kind]}")
    return 0
