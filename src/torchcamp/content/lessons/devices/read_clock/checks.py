"""A clock whose seconds we set, and a device that is still at work."""

from types import SimpleNamespace
from unittest import mock

import torch

from torchcamp.course.judge.predictions import (
    changing_lines,
    compare,
    first_wrong,
    rewritten,
)
from torchcamp.training import loop

WAIT = "synchronize(self.device)"


class World:
    """A time that passes when we say so, and a queue of work on the device."""

    def __init__(self):
        self.now, self.queued, self.rows = 0.0, 0.0, []
        self.time = SimpleNamespace(perf_counter=lambda: self.now)
        self.append = lambda file, row: self.rows.append(row)  # as a run folder has it

    def wait(self, device):
        self.now, self.queued = self.now + self.queued, 0.0


def clocked(world, kind, times):
    """A clock made at second 0; `times` are (what is called, at which second)."""
    with mock.patch.dict(kind.pause.__globals__, time=world.time, synchronize=world.wait):
        clock = kind(world, torch.device("cpu"), 0)
        for step, (call, world.now) in enumerate(times, start=1):
            clock.pause(step) if call == "pause" else clock.go()
    return [row["seconds"] for row in world.rows]


def with_queue(kind):
    world = World()
    world.queued = 5.0
    return clocked(world, kind, [("pause", 2.0)])[0]


def happened():
    watched = World()
    watched.queued = 5.0
    (line,) = changing_lines(
        loop._Clock.pause,
        lambda: clocked(watched, loop._Clock, [("pause", 2.0)]),
        lambda: watched.queued,
    )
    rows = clocked(World(), loop._Clock, [("pause", 2.0), ("go", 10.0), ("pause", 13.0)])
    usual, other = with_queue(loop._Clock), with_queue(rewritten(loop._Clock, WAIT, "pass"))
    outcome = "the same" if usual == other else "too small" if other < usual else "too large"
    return {"waits": line, "second_row": round(rows[1]), "without_it": outcome}


def check_waits(submission):
    """The line that waits."""
    words = compare(submission, happened(), "waits")
    assert not words, (
        words + " Only after it is the queue empty, so only then may the time be read."
    )


def check_second_row(submission):
    """What is counted."""
    words = compare(submission, happened(), "second_row")
    assert not words, words + " `go` sets `self.started` to second 10, and 13 - 10 = 3."


def check_without_it(submission):
    """A clock that does not wait."""
    words = compare(submission, happened(), "without_it")
    assert not words, (
        words + " It would read the time while the GPU is still computing: 2 seconds in place of 7."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
