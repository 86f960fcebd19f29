"""What a wrong answer behaves like: the small changes of a solution, and what each of them does.

An exercise's `behaviours.json` is made by `torchcamp dev behaviours`. It holds, for each way in which
its mutants go wrong (see `edits`), the words for the change and a sketch of the observation: a hash of
everything in it that is not a number, and a few weighted sums of the numbers. An answer whose
observation has the same sketch behaves like that mutant. Without torch: a lookup costs no process.
"""

import ast
import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from torchcamp.base.files import regular_text
from torchcamp.course.misconceptions import read_misconceptions

BEHAVIOURS = "behaviours.json"  # the file, in an exercise's folder
NUM_SUMS = 4
TOLERANCE = 2e-5  # of the numbers' Euclidean norm: float32 sums in another order differ by 1e-6
MOST_SAID = 2  # changes that behave alike and are all said, as "or as if"


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """An observation in short.

    structure: a hash of its keys, lengths and words. sums: weighted sums of its numbers, then their norm.
    """

    structure: str
    sums: tuple[float, ...]

    def is_like(self, other: "Sketch") -> bool:
        """Whether both are of the same observation, up to rounding."""
        scale = TOLERANCE * (1 + max(self.sums[-1], other.sums[-1]))
        return self.structure == other.structure and all(
            abs(mine - theirs) <= scale for mine, theirs in zip(self.sums, other.sums, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One way to go wrong. as_if: what follows "behaves as if", for each change that leads to it."""

    as_if: tuple[str, ...]
    sketch: Sketch


def sketch(observation: Any) -> Sketch:
    """The sketch of an observation as `base.plain` gives it."""
    numbers: list[float] = []
    structure = hashlib.sha256()
    for word in _walk(observation, numbers):
        structure.update(word.encode())
        structure.update(b"\0")
    sums = [
        math.fsum(
            number * math.cos((k + 1) * (1.0 + index) + k) for index, number in enumerate(numbers)
        )
        for k in range(NUM_SUMS)
    ]
    norm = math.sqrt(math.fsum(number * number for number in numbers))
    return Sketch(structure=structure.hexdigest()[:12], sums=(*sums, norm))


def numbers_of(observation: Any) -> list[float]:
    """All numbers of an observation, in order."""
    numbers: list[float] = []
    for _ in _walk(observation, numbers):
        pass
    return numbers


def _walk(value: Any, numbers: list[float]) -> Iterator[str]:
    """Yield the structure of `value` (keys, lengths, words) in order, and append its numbers to `numbers`."""
    match value:
        case bool() | None | str():
            yield repr(value)
        case int() | float():
            numbers.append(float(value))
            yield "number"
        case dict():
            yield f"dict {len(value)}"
            for key, item in sorted(value.items()):
                yield key
                yield from _walk(item, numbers)
        case list():
            yield f"list {len(value)}"
            for item in value:
                yield from _walk(item, numbers)


def behaves_like(folder: Path, observation: Any, source: str) -> str | None:
    """What follows "behaves as if" for an answer to the exercise in `folder`; None if nothing is known.

    Args:
        observation: of the answer.
        source: of the answer: what it shows to be otherwise is not said.
    """
    mine = sketch(observation)
    found = [each for each in _behaviours(folder) if each.sketch.is_like(mine)]
    if len(found) != 1:
        return None
    right = regular_text(folder / "solution.py")
    said = [as_if for as_if in found[0].as_if if not is_contradicted(as_if, source, right)]
    return " or as if ".join(said) or None


LEFT_OUT = re.compile(r"`(?:[\w.]*\.)?(\w+)(?:\(\))?` were (?:left out|never called)")
NOT_GIVEN = re.compile(r"`(\w+)` were not given to `(?:[\w.]*\.)?(\w+)`")
COMPARED = re.compile(r"`(?:[<>]=?|[=!]=)` stood where")


def is_contradicted(as_if: str, source: str, right: str) -> bool:
    """Whether an answer's code shows that another mistake makes it behave like this.

    It calls what is said to be left out, as often as a right answer does; it gives the argument that is
    said to be missing; or it compares nothing where a comparison is said to be another.
    """
    if found := LEFT_OUT.match(as_if):
        calls = len(_calls(source, found[1]))
        return calls >= max(1, len(_calls(right, found[1])))
    if found := NOT_GIVEN.match(as_if):
        calls = _calls(source, found[2])
        return bool(calls) and all(found[1] in {k.arg for k in call.keywords} for call in calls)
    if COMPARED.match(as_if):
        return not any(isinstance(node, ast.Compare) for node in ast.walk(ast.parse(source)))
    return False


def _calls(source: str, name: str) -> list[ast.Call]:
    """The calls of a function or method of this name, wherever it is from."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
    ]


def shows_only_an_error(observation: Any) -> bool:
    """Whether an observation is that something was raised, without its words and without any number."""
    text = json.dumps(observation)
    return '"raised"' in text and '"words"' not in text and not numbers_of(observation)


def ways_to_behave(folder: Path) -> list[str]:
    """All that `behaves_like` may say of answers to the exercise in `folder`."""
    return [" or as if ".join(each.as_if) for each in _behaviours(folder)]


@cache
def _behaviours(folder: Path) -> tuple[Behaviour, ...]:
    """Those of the exercise in `folder`; none where the file is missing."""
    path = folder / BEHAVIOURS
    if not path.is_file():
        return ()
    return tuple(
        Behaviour(
            as_if=tuple(entry["as_if"]),
            sketch=Sketch(structure=entry["structure"], sums=tuple(entry["sums"])),
        )
        for entry in json.loads(regular_text(path))["behaviours"]
    )


def is_stale(folder: Path) -> bool:
    """Whether the file of an exercise was made of other files than those that stand there now."""
    path = folder / BEHAVIOURS
    return path.is_file() and json.loads(regular_text(path))["made_of"] != fingerprint(folder)


def fingerprint(folder: Path) -> str:
    """A hash of what an exercise's behaviours are made of."""
    made_of = hashlib.sha256()
    for path in (*sources(folder), folder / "starter.py", folder / "checks.py"):
        made_of.update(path.read_bytes())
    for misconception in read_misconceptions(folder)[0]:  # their answers, not what is said of them
        for name, source in misconception.sources.items():
            made_of.update(f"{name}\0{source}\0".encode())
    return made_of.hexdigest()[:16]


def sources(folder: Path) -> list[Path]:
    """The right answers of an exercise, our own first."""
    return [folder / "solution.py", *sorted((folder / "accepted").glob("*.py"))]
