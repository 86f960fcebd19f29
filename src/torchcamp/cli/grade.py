"""`torchcamp grade`"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from torchcamp.base.terminal import open_console
from torchcamp.cli.content import for_graders
from torchcamp.cli.shared import Finite, say

if TYPE_CHECKING:
    from torchcamp.course.content import Course
    from torchcamp.instructor.grading.judging import Pace

FILE = click.Path(dir_okay=False, path_type=Path)
LINE_EVERY = 10.0  # seconds between two lines of progress where there is no terminal


@click.command("grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--exercises", metavar="A,B", help="Grade these; by default all that anybody handed in."
)
@click.option("--lesson", metavar="NAME", help="Grade the exercises of a lesson.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    help="Answers judged at a time; by default one per core.",
)
@click.option("--html", type=FILE, metavar="F", help="A page of the class, one file.")
@click.option("--csv", "csv_file", type=FILE, metavar="F", help="A grade sheet, for --sheet.")
@click.option(
    "--sheet",
    type=click.Choice(["moodle", "canvas"]),
    help="Who reads the CSV; by default the one that SUBMISSIONS comes from, else Moodle.",
)
@click.option(
    "--points",
    type=Finite(min=0, min_open=True),
    help="What all exercises together give in the CSV and for GitHub Classroom; by default one each.",
)
@click.option("--json", "json_file", type=FILE, metavar="F", help="Everything, as one JSON value.")
@click.option("--junit", "junit_file", type=FILE, metavar="F", help="JUnit's XML.")
@click.option(
    "--classroom",
    "classroom_file",
    type=FILE,
    metavar="F",
    help="The result of one learner's repository, as GitHub Classroom's autograding reads it.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where verdicts are kept between runs; by default in your cache.",
)
@click.option("--fresh", is_flag=True, help="Judge again what was judged before.")
@for_graders
def command(
    submissions: Path, exercises: str | None, lesson: str | None, jobs: int | None,
    html: Path | None, csv_file: Path | None, sheet: str | None, points: float | None,
    json_file: Path | None, junit_file: Path | None, classroom_file: Path | None,
    state: Path | None, fresh: bool,
) -> int:  # fmt: skip
    """Grade the answers of many learners, and show where the class is stuck.

    SUBMISSIONS is a folder or a zip: workspaces, repositories of GitHub Classroom, a download from
    Moodle or Canvas, or files LEARNER-EXERCISE.py. What was judged before an interruption is not
    judged again. Exit code 0 once everything is graded, whatever the verdicts.
    """
    from torchcamp.base.files import save_text
    from torchcamp.course.content import course
    from torchcamp.instructor.grading.judging import num_cores
    from torchcamp.instructor.grading.report import grade
    from torchcamp.instructor.grading.submissions import read_submissions

    only = _chosen(course(), exercises, lesson)
    for path in (html, csv_file, json_file, junit_file, classroom_file):
        if path is not None and not path.parent.is_dir():
            raise click.UsageError(f"{path.parent} does not exist; make it, or write elsewhere")
    handed_in = read_submissions(submissions, course().exercises, only)
    if classroom_file is not None and len(handed_in.learners) > 1:
        raise click.UsageError(
            f"--classroom takes one learner's repository; {submissions} holds "
            f"{len(handed_in.learners)} learners"
        )
    with _Progress() as progress:
        report = grade(
            handed_in,
            course(),
            jobs=jobs or num_cores(),
            state=state,
            fresh=fresh,
            tell=progress.show,
        )
    from torchcamp.instructor.grading import sheets
    from torchcamp.instructor.grading.terminal import print_report

    written: list[tuple[Path | None, Any]] = [
        (csv_file, lambda: sheets.grade_sheet(report, _sheet(sheet, report.form), points)),
        (json_file, lambda: json.dumps(report.as_json(), indent=1) + "\n"),
        (junit_file, lambda: sheets.junit(report)),
        (classroom_file, lambda: json.dumps(sheets.classroom(report, points)) + "\n"),
        (html, lambda: _page(report)),
    ]
    for path, make in written:
        if path is not None:
            save_text(path, make())
            say(f"written: {path}")
    print_report(report)
    return 0


def _page(report: Any) -> str:
    from torchcamp.instructor.grading.page import render_class

    return render_class(report)


def _sheet(sheet: str | None, form: str) -> str:
    return sheet or ("canvas" if form == "canvas" else "moodle")


def _chosen(course: "Course", exercises: str | None, lesson: str | None) -> list[str]:
    """The exercises that were named, in the order of the course; none if none were."""
    named: list[str] = []
    if lesson is not None:
        named += course.lesson(lesson).exercises
    if exercises is not None:
        names = [name.strip() for name in exercises.split(",") if name.strip()]
        if not names:
            raise click.UsageError("--exercises names none; such as --exercises softmax,value")
        named += [course.find(name).name for name in names]
    return [name for name in course.exercises if name in named]


class _Progress:
    """A bar on a terminal, elsewhere a line now and then: how many are judged, and the time left."""

    def __init__(self) -> None:
        self.console = open_console(stderr=True)
        self.bar: Any = None
        self.task: Any = None
        self.told = 0.0

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def show(self, pace: "Pace") -> None:
        import time

        from torchcamp.pages.page import seconds_in_words

        left = "" if pace.seconds_left is None else f"{seconds_in_words(pace.seconds_left)} left"
        if pace.done == pace.reused:
            before = f", {pace.reused:,} of them known from before" if pace.reused else ""
            say(
                f"{pace.total:,} different answers to judge{before}; Ctrl-C stops, the same command goes on"
            )
            self.told = time.monotonic()
        if self.console.is_terminal:
            if self.bar is None:
                self.bar = _bar(self.console)
                self.task = self.bar.add_task("", total=pace.total, left="")
                self.bar.start()
            self.bar.update(self.task, completed=pace.done, left=left)
        elif pace.seconds_left is not None and time.monotonic() - self.told >= LINE_EVERY:
            self.told = time.monotonic()
            say(f"{pace.done:,} of {pace.total:,} judged, {left}")


def _bar(console: Any) -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("judged", markup=False),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}", style="dim", markup=False),
        console=console,
        transient=True,
    )
