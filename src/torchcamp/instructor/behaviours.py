"""`torchcamp dev behaviours`: write down what each small change of a solution does.

What an exercise's misconceptions do not cover is met by behaviour (see `course.judge.behaviour`).
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torchcamp.base.files import regular_text
from torchcamp.course.content import READING, Exercise
from torchcamp.course.judge.behaviour import (
    BEHAVIOURS,
    MOST_SAID,
    Sketch,
    fingerprint,
    numbers_of,
    says_a_number,
    sketch,
    sources,
)
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.edits import Mutant, mutants
from torchcamp.course.judge.equality import alike
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

    def work(exercise: Exercise, judge: Judge) -> tuple[Exercise, Found]:
        return exercise, behaviours_of(exercise, judge)

    for exercise, found in by_judges(work, [e for e in exercises if e.kind != READING]):
        lines = ",\n".join(f"  {json.dumps(entry)}" for entry in found.behaviours)
        made_of = json.dumps(fingerprint(exercise.folder))
        others = json.dumps(found.sounds_like_others)
        text = f'{{"made_of": {made_of}, "sounds_like_others": {others}, "behaviours": [\n{lines}\n]}}\n'
        (exercise.folder / BEHAVIOURS).write_text(text, encoding="utf-8")
        tell(
            f"{exercise.name}: {len(found.behaviours)} behaviours; {len(found.sounds_like_others)} of "
            f"{len(exercise.misconceptions)} misconceptions sound like others"
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the file of an exercise holds.

    behaviours: `{"as_if", "structure", "sums"}` of each. sounds_like_others: names of misconceptions.
    """

    behaviours: list[dict[str, Any]]
    sounds_like_others: list[str]


def behaviours_of(exercise: Exercise, judge: Judge) -> Found:
    """The behaviours of the changes of an exercise's right answers, and which misconceptions sound like them.

    Left out are changes that do nothing, that raise, or that are misconceptions already; and behaviours
    that more than MOST_SAID different changes share.
    """
    texts = [regular_text(path) for path in sources(exercise.folder)]
    right = list(_observed(exercise, judge, texts))
    known = {name: text for m in exercise.misconceptions for name, text in m.sources.items()}
    seen = dict(zip(known, _observed(exercise, judge, list(known.values())), strict=True))
    changed = [mutant for text in texts for mutant in mutants(text, exercise.starter)]
    observed = list(_observed(exercise, judge, [mutant.source for mutant in changed]))
    return Found(
        behaviours=_distinct(right, list(seen.values()), changed, observed),
        sounds_like_others=_sounding_like_others(exercise, judge, known, seen, changed, observed),
    )


def _distinct(
    right: list[Any], wrong: list[Any], changed: list[Mutant], observed: list[Any]
) -> list[dict[str, Any]]:
    taken = [sketch(observation) for observation in (*right, *wrong)]
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


def _sounding_like_others(
    exercise: Exercise,
    judge: Judge,
    known: dict[str, str],
    seen: dict[str, Any],
    changed: list[Mutant],
    observed: list[Any],
) -> list[str]:
    """Misconceptions whose first failing check says the very same of a change that observes differently.

    Args:
        known, seen: source and observation of each misconception, by the name of its file.
        changed, observed: the mutants and their observations.
    """
    ways = dict(zip(known, _failed(exercise, judge, list(known.values())), strict=True))
    others = list(_failed(exercise, judge, [mutant.source for mutant in changed]))

    def sounds_like_others(file: str) -> bool:
        mine = ways[file]
        return mine is not None and says_a_number(mine["said"]) and any(
            (other["check"], other["said"]) == (mine["check"], mine["said"])
            and set(mine["failing"]) <= set(other["failing"])
            and not any(alike(observation, each) for each in seen.values())
            for other, observation in zip(others, observed, strict=True)
            if other is not None
        )  # fmt: skip

    return [m.name for m in exercise.misconceptions if any(map(sounds_like_others, m.sources))]


def _failed(exercise: Exercise, judge: Judge, texts: list[str]) -> Iterator[Any]:
    for named in _together(texts):
        yield from judge.failures(exercise, named, seconds_each=SECONDS_EACH).values()


def _is_the_same(one: str, other: str) -> bool:
    """Whether both say the same: in the same words, or with another number of what is one axis here."""
    return AN_AXIS.sub("", one) == AN_AXIS.sub("", other)


def _clearest(as_if: list[str]) -> list[str]:
    """Those that say more than which number stood where another belongs, if there are any."""
    return [words for words in as_if if not A_BARE_NUMBER.fullmatch(words)] or as_if


def _observed(exercise: Exercise, judge: Judge, texts: list[str]) -> Iterator[Any]:
    for named in _together(texts):
        yield from judge.observations(exercise, named, seconds_each=SECONDS_EACH).values()


def _together(texts: list[str]) -> Iterator[dict[str, str]]:
    """The sources of one request after the other, with names of files."""
    for start in range(0, len(texts), TOGETHER):
        part = texts[start : start + TOGETHER]
        yield {f"mutant-{number}.py": text for number, text in enumerate(part)}


def _says_nothing(observation: Any, right: list[Any]) -> bool:
    """Whether many wrong answers observe like this: it raises where a right one does not, or holds
    no fraction and no two different numbers."""
    if observation is None or _raised(observation) > max(map(_raised, right)):
        return True
    numbers = set(numbers_of(observation))
    return len(numbers) < LEAST_NUMBERS and all(number.is_integer() for number in numbers)


def _raised(observation: Any) -> int:
    return json.dumps(observation).count('"raised"')
