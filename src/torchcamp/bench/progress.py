"""How far a benchmark is, from what its parts were expected to take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is being measured, which share is done, and how long the rest will take.

    begins: whether `part` has just begun.
    """

    part: str
    share: float
    seconds_left: float
    begins: bool


class Plan:
    """Parts of a benchmark in their order, each with the seconds that it is expected to take.

    The seconds left are those expected of the rest, times how much slower or faster the parts so far
    have been than expected.

    Args:
        parts: name -> expected seconds.
        tell: called whenever something has moved on.
    """

    def __init__(
        self, parts: Mapping[str, float], tell: Callable[[Progress], None] = lambda progress: None
    ) -> None:
        self.parts = dict(parts)
        self.tell = tell
        self.started = time.perf_counter()

    def expect(self, part: str, seconds: float) -> None:
        """Correct what `part` is expected to take, as soon as more is known."""
        self.parts[part] = seconds

    def at(self, part: str, share: float = 0.0) -> None:
        """`share` of `part` is done, and everything before it."""
        names = list(self.parts)
        before = names[: names.index(part)]
        done = sum(self.parts[name] for name in before) + share * self.parts[part]
        total = sum(self.parts.values())
        past = time.perf_counter() - self.started
        pace = past / done if done else 1.0
        self.tell(
            Progress(
                part=part,
                share=done / total,
                seconds_left=(total - done) * pace,
                begins=share == 0,
            )
        )
