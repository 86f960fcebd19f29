"""`torchcamp progress` and `torchcamp export-progress`: how far the learner is."""

import json
import zipfile
from pathlib import Path

import click

from torchcamp.base.files import MOST_SOURCE, require_regular, write_atomically
from torchcamp.base.terminal import echo
from torchcamp.cli.shared import json_option, print_json, say


@click.command("progress")
@json_option
def progress(as_json: bool) -> int:
    """Show what you have solved, lesson by lesson, and which misconceptions your checks recognised."""
    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress
    from torchcamp.course.workspace import prepare_workspace
    from torchcamp.pages.numbers import times

    mine = Progress(prepare_workspace())
    standings, met = mine.standings(), mine.met()
    solved = {
        lesson.name: sum(standings[name].passed for name in lesson.exercises)
        for lesson in course().lessons
    }
    if as_json:
        print_json(
            {
                "solved": sum(solved.values()),
                "exercises": len(standings),
                "checks": sum(standing.attempts for standing in standings.values()),
                "lessons": solved,
                "misconceptions": [
                    {
                        "exercise": each.exercise.name,
                        "misconception": each.misconception.name,
                        "title": each.misconception.title,
                        "times": each.times,
                    }
                    for each in met
                ],
            }
        )
        return 0
    width = max(len(lesson.title) for lesson in course().lessons)
    for lesson in course().lessons:
        number = len(lesson.exercises)
        echo(f"{lesson.title:<{width}}  {solved[lesson.name]:>2} of {number:>2} solved")
    echo(f"{sum(solved.values())} of {len(standings)} solved")
    if met:
        echo("\nWhat your checks recognised")
    for each in met:
        open_still = "" if standings[each.exercise.name].passed else ", not solved yet"
        echo(
            f"{times(each.times):>9}  {each.misconception.title} ({each.exercise.name}{open_still})"
        )
    return 0


@click.command("export-progress")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("torchcamp-progress.zip"),
    show_default=True,
    help="The zip to write.",
)
@click.option("--answers", is_flag=True, help="With your answers, so that they can be graded.")
def export_progress(out: Path, answers: bool) -> int:
    """Write your progress to a zip to hand over: what you solved, how often you checked, and what you met.

    Your answers, to exercises and to the lessons' questions, are in it only with --answers.
    `torchcamp grade` reads the file.
    """
    from torchcamp.course.content import course
    from torchcamp.course.progress import Progress
    from torchcamp.course.workspace import prepare_workspace

    workspace = prepare_workspace()
    content = Progress(workspace).read()
    begun: dict[str, str] = {}
    for name, exercise in course().exercises.items() if answers else ():
        path = workspace / "answers" / f"{name}.py"
        if path.exists():
            require_regular(path, MOST_SOURCE)
            text = path.read_text(encoding="utf-8", errors="replace")
            if text != exercise.starter:
                begun[name] = text
    if not answers:
        content = {key: value for key, value in content.items() if key != "questions"}

    def write(part: Path) -> None:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(".torchcamp/progress.json", json.dumps(content, indent=2) + "\n")
            for name, text in begun.items():
                archive.writestr(f"answers/{name}.py", text)

    write_atomically(out, write)
    what = f"{len(begun)} answers" if answers else "no answers; --answers adds them"
    say(f"written: {out} (your progress, {what})")
    return 0
