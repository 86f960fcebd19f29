"""The class in numbers: who solved what, and who is stuck on which misconception."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.files import text_hash
from torchcamp.base.version import __version__
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Course, Exercise
from torchcamp.course.judge.client import SEED, Verdict
from torchcamp.instructor.grading.judging import Pace, Verdicts, judge_all, protection
from torchcamp.instructor.grading.similar import Alike, TooShort, similar
from torchcamp.instructor.grading.submissions import Answer, Learner, Submissions

STATES = ("solved", "not yet", "cannot be run", "stopped", "not begun", "missing")
STATE_OF = {"pass": "solved", "fail": "not yet", "error": "cannot be run", "limit": "stopped"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """An answer with its verdict. untouched: it is the starter still, which counts as `fail`."""

    learner: Learner
    answer: Answer
    verdict: Verdict
    untouched: bool

    @property
    def state(self) -> str:
        """One of `STATES`."""
        return "not begun" if self.untouched else STATE_OF[self.verdict.verdict]

    @property
    def attempts(self) -> int | None:
        """How often the learner had checked it, if their progress came along."""
        return self.learner.attempts.get(self.answer.exercise)

    def as_json(self) -> JsonObject:
        return {
            "verdict": self.verdict.verdict,
            "check": self.verdict.check,
            "misconception": self.verdict.misconception,
            "behaves_like": self.verdict.behaves_like,
            "line": self.verdict.line,
            "limit": self.verdict.limit,
            "confirmed": self.verdict.confirmed,
            "message": self.verdict.message,
            "untouched": self.untouched,
            "attempts": self.attempts,
            "file": self.answer.path,
        }


@dataclass(frozen=True, kw_only=True)
class Met:
    """A misconception and who met it. share: of those who began the exercise, a fraction of 1."""

    exercise: str
    name: str
    title: str
    catalogue: tuple[str, ...]
    learners: tuple[str, ...]
    share: float

    def as_json(self) -> JsonObject:
        return {
            "exercise": self.exercise,
            "misconception": self.name,
            "title": self.title,
            "catalogue": list(self.catalogue),
            "learners": list(self.learners),
            "share": self.share,
        }


@dataclass(frozen=True, kw_only=True)
class ClassReport:
    """Everything that is known of a class; clock values are not among it.

    rows: by learner and exercise. form: how the answers came, see `Submissions`. warnings: on the
    protection of whoever graded. notices: what was skipped. alike: pairs of similar answers.
    """

    name: str
    form: str
    exercises: tuple[Exercise, ...]
    learners: tuple[Learner, ...]
    rows: dict[tuple[str, str], Row]
    met: tuple[Met, ...]
    alike: tuple[Alike, ...]
    too_short: tuple[TooShort, ...]
    warnings: tuple[str, ...]
    notices: tuple[str, ...]

    def state(self, learner: str, exercise: str) -> str:
        """One of `STATES`."""
        row = self.rows.get((learner, exercise))
        return row.state if row else "missing"

    def solved(self, learner: str) -> int:
        """The exercises that somebody solved."""
        return sum(self.state(learner, each.name) == "solved" for each in self.exercises)

    def counts(self, exercise: str) -> dict[str, int]:
        """Learners by state."""
        found = Counter(self.state(each.name, exercise) for each in self.learners)
        return {state: found[state] for state in STATES}

    def rows_of(self, exercise: str) -> list[Row]:
        """The answers to an exercise, by learner."""
        pairs = ((each.name, exercise) for each in self.learners)
        return [self.rows[pair] for pair in pairs if pair in self.rows]

    def as_json(self) -> JsonObject:
        """By learner and exercise, with what the class met."""
        return {
            "torchcamp": __version__,
            "seed": SEED,
            "submissions": self.name,
            "exercises": [each.name for each in self.exercises],
            "learners": {
                learner.name: {
                    "number": learner.number or None,
                    "solved": self.solved(learner.name),
                    "answers": {
                        each.name: self.rows[learner.name, each.name].as_json()
                        for each in self.exercises
                        if (learner.name, each.name) in self.rows
                    },
                    "missing": [
                        each.name
                        for each in self.exercises
                        if (learner.name, each.name) not in self.rows
                    ],
                }
                for learner in self.learners
            },
            "misconceptions": [each.as_json() for each in self.met],
            "similar": [each.as_json() for each in self.alike],
            "not_compared": [each.as_json() for each in self.too_short],
            "warnings": list(self.warnings),
            "notices": list(self.notices),
        }


def grade(
    handed_in: Submissions,
    course: Course,
    *,
    jobs: int,
    state: Path | None = None,
    fresh: bool = False,
    tell: Callable[[Pace], None] = lambda pace: None,
) -> ClassReport:
    """Judge every answer of a class.

    Args:
        handed_in: see `read_submissions`. If no exercise was asked for, all that anybody handed in
            are graded.
        course: whose exercises these are.
        jobs: answers that are judged at the same time.
        state: the folder in which verdicts are kept; by default in the user's cache.
        fresh: judge again what was judged in an earlier run.
        tell: hears after each answer how far it is.

    Raises:
        OSError: a verdict cannot be kept.
    """
    begun = {name for learner in handed_in.learners for name in learner.answers}
    exercises = [
        each for name, each in course.exercises.items() if name in (handed_in.only or begun)
    ]
    texts = {
        exercise: {
            answer.text
            for learner in handed_in.learners
            if (answer := learner.answers.get(exercise.name))
            and answer.text is not None
            and not is_untouched(answer.text, exercise)
        }
        for exercise in exercises
    }
    verdicts = judge_all(
        {exercise: sorted(found) for exercise, found in texts.items()},
        jobs=jobs,
        verdicts=Verdicts(state),
        fresh=fresh,
        tell=tell,
    )
    return _report(handed_in, exercises, verdicts)


def is_untouched(text: str, exercise: Exercise) -> bool:
    """Whether an answer is the starter still, white space at the ends of lines aside."""
    return _bare(text) == _bare(exercise.starter)


def _bare(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _report(
    handed_in: Submissions,
    exercises: Sequence[Exercise],
    verdicts: dict[tuple[str, str], Verdict],
) -> ClassReport:
    rows = {
        (learner.name, exercise.name): _row(learner, exercise, verdicts)
        for learner in handed_in.learners
        for exercise in exercises
        if exercise.name in learner.answers
    }
    alike: list[Alike] = []
    too_short: list[TooShort] = []
    for exercise in exercises:
        texts = {
            name: row.answer.text
            for (name, about), row in rows.items()
            if about == exercise.name and row.answer.text is not None and not row.untouched
        }
        pairs, short = similar(exercise, texts)
        alike += pairs
        too_short += [short] if short else []
    return ClassReport(
        name=handed_in.name,
        form=handed_in.form,
        exercises=tuple(exercises),
        learners=handed_in.learners,
        rows=rows,
        met=tuple(_met(exercises, rows.values())),
        alike=tuple(alike),
        too_short=tuple(too_short),
        warnings=tuple(protection()),
        notices=(*handed_in.notices, *_to_read(rows.values())),
    )


def _to_read(rows: Iterable[Row]) -> Iterator[str]:
    """The passes that a secret draw did not confirm; see `course.judge.client`."""
    for row in rows:
        if row.verdict.confirmed is False:
            yield (
                f"{row.learner.name}: {row.answer.exercise} passes, but does not return what our right "
                "answers return on a secret draw; read it"
            )


def _row(learner: Learner, exercise: Exercise, verdicts: dict[tuple[str, str], Verdict]) -> Row:
    answer = learner.answers[exercise.name]
    untouched = answer.text is not None and is_untouched(answer.text, exercise)
    if answer.text is None:
        verdict = Verdict(exercise=exercise.name, verdict="error", message=answer.problem)
    elif untouched:
        message = "The starter, unchanged."
        verdict = Verdict(exercise=exercise.name, verdict="fail", message=message)
    else:
        verdict = verdicts[exercise.name, text_hash(answer.text)]
    return Row(learner=learner, answer=answer, verdict=verdict, untouched=untouched)


def _met(exercises: Iterable[Exercise], rows: Iterable[Row]) -> list[Met]:
    """What the class met, the commonest first."""
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    begun: Counter[str] = Counter()
    for row in rows:
        begun[row.answer.exercise] += not row.untouched
        if row.verdict.misconception:
            who[row.answer.exercise, row.verdict.misconception].append(row.learner.name)
    found = [
        Met(
            exercise=exercise.name,
            name=each.name,
            title=each.title,
            catalogue=each.catalogue,
            learners=tuple(who[exercise.name, each.name]),
            share=len(who[exercise.name, each.name]) / begun[exercise.name],
        )
        for exercise in exercises
        for each in (exercise.misconceptions if begun[exercise.name] else ())
        if (exercise.name, each.name) in who
    ]
    return sorted(found, key=lambda each: -len(each.learners))
