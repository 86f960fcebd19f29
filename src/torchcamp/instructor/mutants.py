"""`torchcamp dev mutants`: small changes to a solution that its checks let pass.

A check is worth what it refuses. Each solution is changed in one place at a time (a statement left
out, a number, an operator, an argument or a function exchanged), and each of these mutants is judged
like an answer. One that passes is either another way to write the same, or a mistake for which a
learner would be praised: an author reads the list and decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torchcamp.course.content import Exercise
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.edits import Mutant, mutants
from torchcamp.instructor.authoring import by_judges


@dataclass(frozen=True, kw_only=True)
class Survivors:
    """How many mutants of an exercise were judged, and those that passed."""

    exercise: str
    num_mutants: int
    passed: tuple[Mutant, ...]


def survivors(
    exercises: list[Exercise], tell: Callable[[str], None] = lambda line: None
) -> Iterator[Survivors]:
    """Judge the mutants of each exercise's solution, in the order of the exercises.

    Args:
        tell: called with the name of each exercise before its mutants are judged.
    """

    def judged(exercise: Exercise, judge: Judge) -> Survivors:
        tell(exercise.name)
        all_mutants = list(mutants(exercise.solution))
        passed = tuple(
            mutant
            for mutant in all_mutants
            if judge.verdict_of(exercise, mutant.source, "solution.py").passed
        )
        return Survivors(exercise=exercise.name, num_mutants=len(all_mutants), passed=passed)

    yield from by_judges(judged, exercises)
