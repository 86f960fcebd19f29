"""A class report as a terminal shows it."""

from typing import TYPE_CHECKING

from torchcamp.base.terminal import open_console
from torchcamp.instructor.grading.report import STATES, ClassReport

if TYPE_CHECKING:
    from rich.console import Console

PIPED = 100  # columns of what goes into a file
MOST_LEARNERS = 60
MOST_MET = 12
MOST_NOTICES = 15
SIGNS = {
    "solved": ("✓", "green"),
    "not yet": ("✗", "red"),
    "cannot be run": ("!", "red"),
    "stopped": ("∞", "red"),
    "not begun": ("·", "dim"),
    "missing": (" ", "dim"),
}


def print_report(report: ClassReport) -> None:
    """Print the class by exercise, by misconception and by learner, then what to know besides."""
    from rich.table import Table
    from rich.text import Text

    console = open_console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("exercise", no_wrap=True)
    for state in STATES:
        table.add_column(state, justify="right")
    for exercise in report.exercises:
        counts = report.counts(exercise.name)
        table.add_row(exercise.name, *(str(counts[state] or "") for state in STATES))
    console.print(table)
    if report.met:
        console.print()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("learners", "of those who began"):
            table.add_column(title, justify="right")
        table.add_column("misconception")
        for met in report.met[:MOST_MET]:
            name = Text.assemble(met.title, (f" ({met.exercise})", "dim"))
            table.add_row(str(len(met.learners)), f"{100 * met.share:.0f} %", name)
        console.print(table)
        _more(console, len(report.met) - MOST_MET, "misconceptions")
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("learner", overflow="fold")
    table.add_column("solved", justify="right")
    table.add_column("", no_wrap=True)
    for learner in report.learners[:MOST_LEARNERS]:
        signs = Text()
        for exercise in report.exercises:
            signs.append(*SIGNS[report.state(learner.name, exercise.name)])
        solved = f"{report.solved(learner.name)} of {len(report.exercises)}"
        table.add_row(learner.name, solved, signs)
    console.print(table)
    _more(console, len(report.learners) - MOST_LEARNERS, "learners")
    legend = (f"{sign} {state}" for state, (sign, _) in SIGNS.items() if sign.strip())
    console.print(Text(f"\n{', '.join(legend)}; exercises in the order above", "dim"))
    if report.alike:
        console.print(
            f"{len(report.alike)} pairs of answers resemble each other: a hint to look, see --html"
        )
    for notice in report.notices[:MOST_NOTICES]:
        console.print(Text(f"note: {notice}", "yellow"))
    _more(console, len(report.notices) - MOST_NOTICES, "notes")
    for warning in report.warnings:
        console.print(Text(f"warning: {warning}", "yellow"))


def _more(console: "Console", number: int, what: str) -> None:
    from rich.text import Text

    if number > 0:
        console.print(Text(f"... and {number:,} more {what}: see --json or --html", "dim"))
