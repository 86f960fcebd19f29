"""Cut a script's training loops short, so that what follows them runs too.

`for x in IT` becomes `for x in each(IT)`, and `while TEST` becomes `while TEST and goes_on()`, in memory
and without moving a line. A loop that holds the optimizer's steps ends after some of them, as if its
iterable were exhausted; loops around it end after two rounds. Validation, checkpoints and `else` then
run as they would at the end. Loops in which nothing is trained are never cut.
"""

import ast
import sys
import weakref
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from torchcamp.doctor.recording import Recording, Where

MAX_BACKWARDS = 64  # rounds of a loop in which gradients are computed and no step is taken
OUTER_ROUNDS = 2
EACH, ENTER, GOES_ON = "_torchcamp_each", "_torchcamp_enter", "_torchcamp_goes_on"


def rewritten(tree: ast.Module, file: str) -> ast.Module:
    """The same program with its loops under watch; lines stay where they are."""
    return ast.fix_missing_locations(_Rewriter(file).visit(tree))


class _Rewriter(ast.NodeTransformer):
    def __init__(self, file: str) -> None:
        self.file = file

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = ast.copy_location(
            ast.Call(
                func=ast.copy_location(ast.Name(EACH, ast.Load()), node.iter),
                args=[node.iter, ast.Constant(self.file), ast.Constant(node.lineno)],
                keywords=[],
            ),
            node.iter,
        )
        return node

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        self.generic_visit(node)
        key = f"_torchcamp_loop_{node.lineno}_{node.col_offset}"
        enter = ast.Assign(
            targets=[ast.Name(key, ast.Store())],
            value=ast.Call(
                func=ast.Name(ENTER, ast.Load()),
                args=[ast.Constant(self.file), ast.Constant(node.lineno)],
                keywords=[],
            ),
        )
        goes_on = ast.Call(
            func=ast.Name(GOES_ON, ast.Load()), args=[ast.Name(key, ast.Load())], keywords=[]
        )
        node.test = ast.BoolOp(ast.And(), [node.test, goes_on])
        for made in (enter, node.test, goes_on):
            ast.copy_location(made, node)
        return [enter, node]


class Loop:
    """One execution of a loop of the user's.

    Attributes:
        rounds: how many have begun.
        steps, backwards: how many of its rounds held an optimizer step, a backward pass.
        holds_a_cut: a training loop inside it was cut.
    """

    def __init__(self, where: Where, frame: FrameType) -> None:
        self.where = where
        self.frame_id = id(
            frame
        )  # the frame holds the loop, so it lives as long as this is asked for
        self.rounds = self.steps = self.backwards = 0
        self.holds_a_cut = False
        self._counted = {"step": 0, "backward": 0}  # the last round that was counted

    def count(self, kind: str) -> None:
        """A step or a backward pass happened in this round."""
        if self._counted[kind] == self.rounds:
            return
        self._counted[kind] = self.rounds
        if kind == "step":
            self.steps += 1
        else:
            self.backwards += 1

    def is_over(self, steps: int) -> bool:
        """Whether it has shown enough."""
        if self.holds_a_cut:
            return self.rounds >= OUTER_ROUNDS
        return self.steps >= steps or (not self.steps and self.backwards >= MAX_BACKWARDS)


class Loops:
    """The loops that run, innermost last.

    Args:
        steps: how many optimizer steps a loop may show.
    """

    def __init__(self, recording: Recording, steps: int) -> None:
        self._recording = recording
        self._steps = steps
        self._running: list[weakref.ref[Loop]] = []
        recording.loops = self

    def names(self) -> dict[str, Any]:
        """What the rewritten code calls, to be put among the builtins."""
        return {EACH: self.each, ENTER: self.enter, GOES_ON: self.goes_on}

    def each(self, iterable: Iterable[Any], file: str, line: int) -> Iterable[Any]:
        """The iterable of a `for` loop, cut when the loop has shown enough."""
        loop = self._begin(Where(file, line), sys._getframe(1))
        return _Items(self, loop, iterable)

    def enter(self, file: str, line: int) -> Loop:
        """A `while` loop begins."""
        return self._begin(Where(file, line), sys._getframe(1))

    def goes_on(self, loop: Loop) -> bool:
        """Whether another round of a `while` loop may begin."""
        if loop.is_over(self._steps):
            self.note_cut(loop)
            return False
        loop.rounds += 1
        return True

    def is_over(self, loop: Loop) -> bool:
        """Whether a `for` loop has shown enough; a loader within it may first give its last batch."""
        if not loop.is_over(self._steps):
            return False
        if loop.holds_a_cut:
            return True
        return not self._recording.has_open_loader() or loop.is_over(self._steps + 2)

    def note_cut(self, loop: Loop) -> None:
        """Write down that a loop was ended early, and tell those around it."""
        cuts = self._recording.cuts
        cuts[loop.where] = max(cuts.get(loop.where, 0), loop.rounds)
        for outer in self._around():
            if outer is not loop:
                outer.holds_a_cut = True

    def note_loader_cut(self) -> None:
        """The loop that reads a loader is about to end early: tell those around it."""
        loops = self._around()
        if loops:
            cuts = self._recording.cuts
            cuts[loops[-1].where] = max(cuts.get(loops[-1].where, 0), loops[-1].rounds + 1)
        for outer in loops[:-1]:
            outer.holds_a_cut = True

    def count(self, kind: str) -> None:
        """A "step" or a "backward" happened: in whose rounds?"""
        for loop in self._around():
            loop.count(kind)

    def _begin(self, where: Where, frame: FrameType) -> Loop:
        loop = Loop(where, frame)
        self._running = [each for each in self._running if each() is not None]
        self._running.append(weakref.ref(loop))
        return loop

    def _around(self) -> list[Loop]:
        """The loops whose bodies are running, outermost first.

        A loop inside a generator that hands out batches is waiting, not running: its frame is not
        on the stack.
        """
        frame: FrameType | None = sys._getframe(1)
        frames = set()
        while frame is not None:
            frames.add(id(frame))
            frame = frame.f_back
        return [loop for each in self._running if (loop := each()) and loop.frame_id in frames]


class _Items:
    """Iterates over the user's iterable, as long as the loop goes on."""

    def __init__(self, loops: Loops, loop: Loop, iterable: Iterable[Any]) -> None:
        self._loops = loops
        self._loop = loop
        self._iterator = iter(iterable)
        self._last = last_of_range(iterable)
        self._is_cut = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._is_cut:
            raise StopIteration
        loop = self._loop
        if self._loops.is_over(loop):
            self._is_cut = True
            if self._last is None:
                self._loops.note_cut(loop)
                raise StopIteration
            if next(self._iterator) != self._last:  # a range that has ended raises here
                self._loops.note_cut(loop)
            loop.rounds += 1
            return self._last  # reaches "every tenth epoch" and "save at the end"
        item = next(self._iterator)
        loop.rounds += 1
        return item


def last_of_range(iterable: Any) -> int | None:
    """The last number of a `range`, also behind a progress bar; None of anything else."""
    inner = getattr(iterable, "iterable", iterable)
    return inner[-1] if isinstance(inner, range) and len(inner) else None
