"""A class report as one self-contained page, down to each wrong answer.

What learners wrote is escaped: their Markdown may hold emphasis and code, no links, pictures or HTML.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from torchcamp.base.terminal import clean
from torchcamp.base.version import __version__
from torchcamp.course.content import Exercise
from torchcamp.course.judge.client import SEED
from torchcamp.instructor.grading.report import STATES, ClassReport, Met, Row
from torchcamp.instructor.grading.similar import FEWEST, RUN, SHARED, Alike
from torchcamp.instructor.grading.terminal import SIGNS
from torchcamp.pages.page import render_page
from torchcamp.reading.page import CodeLine, code_lines

MOST_ANSWERS = 100  # different wrong answers that are shown of one exercise
MOST_MET = 12  # misconceptions that are not folded
MOST_STUCK = 40
MOST_LINES, MOST_CHARACTERS = 250, 20_000  # of an answer
MOST_MESSAGE = 4000  # characters


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """A line of an answer, in colours. marked: it is what the page is about."""

    number: int
    code: CodeLine
    marked: bool


@dataclass(frozen=True, kw_only=True)
class WrongAnswer:
    """A wrong answer and all who handed it in."""

    anchor: str
    rows: list[Row]
    message: Markup
    lines: list[ShownLine]
    more_lines: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """Wrong answers for one reason. met, feedback: of the misconception, if it is a known one."""

    title: str
    met: Met | None
    feedback: Markup
    answers: list[WrongAnswer]
    num_learners: int


@dataclass(frozen=True, kw_only=True)
class ShownExercise:
    """An exercise with the wrong answers to it."""

    exercise: Exercise
    lesson: str
    counts: dict[str, int]
    groups: list[Group]
    left_out: int


@dataclass(frozen=True, kw_only=True)
class ShownPair:
    """Two similar answers, ready for the template."""

    alike: Alike
    sides: list[tuple[tuple[str, ...], list[ShownLine], int]]


def render_class(report: ClassReport) -> str:
    """The page of a class; everything on it is inside the file."""
    shown = [_exercise(report, exercise, index) for index, exercise in enumerate(report.exercises)]
    anchors = {
        (row.learner.name, row.answer.exercise): answer.anchor
        for each in shown
        for group in each.groups
        for answer in group.answers
        for row in answer.rows
    }
    rows = list(report.rows.values())
    stuck = sorted(
        (row for row in rows if not row.untouched and not row.verdict.passed),
        key=lambda row: -(row.attempts or 0),
    )
    return render_page(
        "instructor/grading/class.html",
        title=report.name,
        report=report,
        version=__version__,
        seed=SEED,
        states=STATES,
        most_met=MOST_MET,
        signs={state: sign for state, (sign, _) in SIGNS.items()},
        exercises=shown,
        anchors=anchors,
        titles={(met.exercise, met.name): met.title for met in report.met},
        num_answers=sum(not row.untouched for row in rows),
        num_solved=sum(row.verdict.passed for row in rows),
        stuck=[row for row in stuck[:MOST_STUCK] if row.attempts],
        pairs=[_pair(alike) for alike in report.alike],
        reading={"run": RUN, "fewest": FEWEST, "shared": SHARED},
    )


def _exercise(report: ClassReport, exercise: Exercise, index: int) -> ShownExercise:
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in report.rows_of(exercise.name):
        if not row.untouched and not row.verdict.passed:
            by_text[row.answer.text if row.answer.text is not None else row.answer.problem].append(
                row
            )
    common = sorted(by_text.values(), key=lambda rows: -len(rows))
    told = {each.name: each.feedback for each in exercise.misconceptions}
    groups: dict[str, list[WrongAnswer]] = defaultdict(list)
    for number, rows in enumerate(common[:MOST_ANSWERS]):
        feedback = told.get(rows[0].verdict.misconception or "", "")
        groups[_reason(rows[0])].append(_answer(rows, f"e{index}-{number}", feedback))
    met = {each.name: each for each in report.met if each.exercise == exercise.name}
    made = []
    for reason, answers in groups.items():
        known = met.get(answers[0].rows[0].verdict.misconception or "")
        made.append(
            Group(
                title=known.title if known else reason,
                met=known,
                feedback=harmless(_without_title(told[known.name], known.title) if known else ""),
                answers=answers,
                num_learners=sum(len(answer.rows) for answer in answers),
            )
        )
    return ShownExercise(
        exercise=exercise,
        lesson=exercise.folder.parent.name,
        counts=report.counts(exercise.name),
        groups=sorted(made, key=lambda group: -group.num_learners),
        left_out=max(0, len(common) - MOST_ANSWERS),
    )


def _without_title(feedback: str, title: str) -> str:
    """What follows the first sentence of a misconception's feedback."""
    first, _, rest = feedback.partition("\n\n")
    return f"{' '.join(first.split()).removeprefix(title)}\n\n{rest}".strip()


def _reason(row: Row) -> str:
    """What groups wrong answers: the misconception, else what their behaviour or the failing check says."""
    verdict = row.verdict
    if verdict.misconception:
        return verdict.misconception
    if verdict.behaves_like:
        return f"It behaves as if {verdict.behaves_like}."
    if verdict.limit:
        return f"It was stopped at the limit on {verdict.limit}."
    if verdict.verdict == "error":
        return "It could not be run."
    return f"{verdict.check} fails, in no known way." if verdict.check else "It is not finished."


def _answer(rows: list[Row], anchor: str, feedback: str) -> WrongAnswer:
    """A wrong answer with what was said of it, except for the `feedback` that its group shares."""
    verdict, text = rows[0].verdict, rows[0].answer.text or ""
    lines, more = shown_lines(text, {verdict.line} if verdict.line else ())
    return WrongAnswer(
        anchor=anchor,
        rows=rows,
        message=harmless(verdict.message.removesuffix(feedback)),
        lines=lines,
        more_lines=more,
    )


def _pair(alike: Alike) -> ShownPair:
    sides = []
    for names, text, marked in zip((alike.one, alike.other), alike.texts, alike.lines, strict=True):
        lines, more = shown_lines(text, marked)
        sides.append((names, lines, more))
    return ShownPair(alike=alike, sides=sides)


def shown_lines(text: str, marked: Iterable[int | None] = ()) -> tuple[list[ShownLine], int]:
    """The lines of an answer in colours, and how many more there are."""
    everything = clean(text.rstrip("\n").expandtabs(4)).split("\n")
    kept: list[str] = []
    for line in everything[:MOST_LINES]:
        if sum(map(len, kept)) + len(line) > MOST_CHARACTERS:
            break
        kept.append(line)
    chosen = set(marked)
    lines = [
        ShownLine(number=number, code=code, marked=number in chosen)
        for number, code in enumerate(code_lines("\n".join(kept), dedent=False), start=1)
    ]
    return lines if kept else [], len(everything) - len(kept)


def harmless(markdown: str) -> Markup:
    """A message as HTML: paragraphs, lists, emphasis and code, whatever else it holds."""
    text = clean(markdown, MOST_MESSAGE)
    return Markup(_markdown().render(text))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero").enable(["backticks", "emphasis", "fence", "list", "escape"])
