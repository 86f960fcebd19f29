"""Which statement put a node on the tape.

Autograd numbers its nodes as it makes them. Whenever something happens in the run, the numbers
handed out since the last event are claimed for the statement that was running.
"""

from bisect import bisect_right
from typing import Any

import torch

from torchcamp.reading.places import Place


class Tape:
    """The nodes of autograd's graph, and the place that owns each of their numbers."""

    def __init__(self) -> None:
        self.nodes: dict[int, tuple[str, list[int]]] = {}  # number -> name, numbers it leads to
        self.current: Place | None = None  # what is running now
        self._starts: list[int] = []  # first number of each claimed range, ascending
        self._owners: list[Place | None] = []  # and the place that claimed it
        self._next = 0

    def start(self) -> None:
        """Claim from here on: earlier numbers belong to nobody."""
        self._next = _next_number()

    def claim(self, place: Place | None = None) -> None:
        """Give the numbers handed out since the last event to `place`, or to what was running."""
        now = _next_number()
        if now == self._next:
            return
        owner = place or self.current
        if not self._owners or self._owners[-1] != owner:
            self._starts.append(self._next)
            self._owners.append(owner)
        self._next = now

    def owner(self, number: int) -> Place | None:
        """The place that made the node with this number."""
        index = bisect_right(self._starts, number) - 1
        return self._owners[index] if index >= 0 else None

    def add(self, node: Any) -> list[Any]:
        """Write down an autograd node; returns the nodes that it leads to."""
        following = [other for other, _ in node.next_functions if other is not None]
        if not _is_leaf(node):
            numbers = [other._sequence_nr() for other in following if not _is_leaf(other)]
            self.nodes.setdefault(node._sequence_nr(), (node.name(), numbers))
        return following


def _is_leaf(node: Any) -> bool:
    return node.name().endswith("AccumulateGrad")


def _next_number() -> int:
    """The number that the next node will get."""
    return torch._C._autograd._get_sequence_nr()  # type: ignore[attr-defined]
