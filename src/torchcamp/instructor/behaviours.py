"""`torchcamp dev behaviours`: write down what each small change of a solution does.

What an exercise's misconceptions do not cover is met by behaviour (see `course.judge.behaviour`).
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from torchcamp.base.files import regular_text
from torchcamp.course.content import READING, Exercise
from torchcamp.course.judge.behaviour import (
    BEHAVIOURS,
    MOST_SAID,
    Sketch,
    fingerprint,
    numbers_of,
    sketch,
    sources,
)
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.edits import mutants
from torchcamp.instructor.authoring import by_judges

SECONDS_EACH = 2.0  # a mutant that takes longer goes round in a loop
LEAST_NUMBERS = 2  # different ones, for an observation of whole numbers to tell something
A_BARE_NUMBER = re.compile(r"`-?[\d.]+` stood where `-?[\d.]+` belongs")  # in code not shown
AN_AXIS = re.compile(r"(?:dim=|axis |at place )-?\d+")
TOGETHER = 40  # mutants of one request


def write_behaviours(
    exercises: list[Exercise], tell: Callable[[str], None] = lambda line: None
) -> None:
    """Write the `behaviours.json` of each exercise.

    Args:
        tell: called with a line for each, once it is written.
    """

    def work(exercise: Exercise, judge: Judge) -> tuple[Exercise, list[dict[str, Any]]]:
        return exercise, behaviours_of(exercise, judge)

    for exercise, found in by_judges(work, [e for e in exercises if e.kind != READING]):
        lines = ",\n".join(f"  {json.dumps(entry)}" for entry in found)
        made_of = json.dumps(fingerprint(exercise.folder))
        text = f'{{"made_of": {made_of}, "behaviours": [\n{lines}\n]}}\n'
        (exercise.folder / BEHAVIOURS).write_text(text, encoding="utf-8")
        tell(f"{exercise.name}: {len(found)} behaviours")


def behaviours_of(exercise: Exercise, judge: Judge) -> list[dict[str, Any]]:
    """What the file of an exercise holds: `{"as_if", "structure", "sums"}` for each behaviour.

    Left out are changes that do nothing, that raise, or that are misconceptions already; and behaviours
    that more than MOST_SAID different changes share.
    """
    texts = [regular_text(path) for path in sources(exercise.folder)]
    right = list(_observed(exercise, judge, texts))
    known = [text for m in exercise.misconceptions for text in m.sources.values()]
    taken = [*map(sketch, right), *(sketch(o) for o in _observed(exercise, judge, known))]
    changed = [mutant for text in texts for mutant in mutants(text, exercise.starter)]
    observed = _observed(exercise, judge, [mutant.source for mutant in changed])
    groups: list[tuple[Sketch, list[str]]] = []
    for mutant, observation in zip(changed, observed, strict=True):
        if _says_nothing(observation, right):
            continue
        made = sketch(observation)
        if any(made.is_like(other) for other in taken):
            continue
        as_if = next((names for other, names in groups if other.is_like(made)), None)
        if as_if is None:
            groups.append((made, [mutant.as_if]))
        elif not any(_is_the_same(mutant.as_if, each) for each in as_if):
            as_if.append(mutant.as_if)
    said = [(made, _clearest(as_if)) for made, as_if in groups]
    return [
        {
            "as_if": as_if,
            "structure": made.structure,
            "sums": [float(f"{s:.9g}") for s in made.sums],
        }
        for made, as_if in said
        if len(as_if) <= MOST_SAID
    ]


def _is_the_same(one: str, other: str) -> bool:
    """Whether both say the same: in the same words, or with another number of what is one axis here."""
    return AN_AXIS.sub("", one) == AN_AXIS.sub("", other)


def _clearest(as_if: list[str]) -> list[str]:
    """Those that say more than which number stood where another belongs, if there are any."""
    return [words for words in as_if if not A_BARE_NUMBER.fullmatch(words)] or as_if


def _observed(exercise: Exercise, judge: Judge, texts: list[str]) -> Iterator[Any]:
    for start in range(0, len(texts), TOGETHER):
        part = texts[start : start + TOGETHER]
        named = {f"mutant-{number}.py": text for number, text in enumerate(part)}
        yield from judge.observations(exercise, named, seconds_each=SECONDS_EACH).values()


def _says_nothing(observation: Any, right: list[Any]) -> bool:
    """Whether many wrong answers observe like this: it raises where a right one does not, or holds
    no fraction and no two different numbers."""
    if observation is None or _raised(observation) > max(map(_raised, right)):
        return True
    numbers = set(numbers_of(observation))
    return len(numbers) < LEAST_NUMBERS and all(number.is_integer() for number in numbers)


def _raised(observation: Any) -> int:
    return json.dumps(observation).count('"raised"')
