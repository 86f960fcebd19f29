"""Steps that a script takes by hand: `p.data -= lr * p.grad`, with no optimizer that holds `p`.

What a step is shows in the numbers, so it does not matter how the script writes it: between two
backward passes, leaves of the graph moved along the gradients that the first one left.
"""

import weakref
from dataclasses import dataclass

import torch
from torch import Tensor

from torchcamp.doctor.recording import MAX_COMPARED, HandStep, Recording, Where

ALONG = 0.9  # cosine from which on a movement is one along the gradient
ALONG_ALONE = 0.5  # and where there is no optimizer: momentum also points elsewhere


@dataclass(eq=False)
class _Leaf:
    """A leaf that backward passes reach and that no optimizer holds.

    Attributes:
        values, grad: some of its numbers, and of its gradient's, after the latest pass.
        passes: backward passes that are summed in the gradient, and `used`, those of them that a step
            has used.
    """

    tensor: weakref.ref[Tensor]
    values: Tensor
    grad: Tensor | None = None
    passes: int = 0
    used: int = 0


class Hand:
    """Looks at each backward pass whether leaves moved since the one before.

    All methods expect to run with torch function modes disabled.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._leaves: dict[int, _Leaf] = {}
        self._written: Where | None = None

    def holds(self, tensor: Tensor) -> bool:
        """Whether a tensor is one of these leaves, or shares its memory."""
        if not self._leaves:
            return False
        place = tensor.data_ptr()
        return any(
            leaf is tensor or leaf.data_ptr() == place
            for each in self._leaves.values()
            if (leaf := each.tensor()) is not None
        )

    def note_write(self, where: Where) -> None:
        """A line wrote to one of the leaves: the first one since the last pass is where the step is."""
        self._written = self._written or where

    def before_backward(self, leaves: list[Tensor], where: Where) -> None:
        """A backward pass is about to reach these leaves, which no optimizer holds."""
        known = []
        for tensor in leaves:
            leaf = self._leaves.get(id(tensor))
            if leaf is not None and leaf.tensor() is tensor and leaf.grad is not None:
                known.append((tensor, leaf))
        if known:
            self._look(known, where)
        self._written = None

    def _look(self, known: list[tuple[Tensor, _Leaf]], where: Where) -> None:
        """Did the leaves move along their gradients, and are the gradients still there?"""
        moved = [(tensor, leaf, _some(tensor) - leaf.values) for tensor, leaf in known]
        moved = [each for each in moved if bool(each[2].count_nonzero())]
        recording = self._recording
        is_step = is_along = False
        if moved:
            way = torch.cat([each[2] for each in moved])
            along = torch.cat([leaf.grad for _, leaf, _ in moved if leaf.grad is not None])
            length = float(way.norm() * along.norm())
            cosine = abs(float(way @ along)) / length if length else 0.0
            # Beside an optimizer, what moves otherwise may be a copy that follows other weights.
            alone = not recording.optimizers
            is_step = cosine >= ALONG or (alone and len(moved) * 2 >= len(known))
            is_along = cosine >= (ALONG_ALONE if alone else ALONG)
        if is_step:
            leaves = [leaf for _, leaf, _ in moved]
            if not recording.optimizers:  # else it may be a part of the step, such as an attack
                recording.num_steps += 1
                recording.count("step")
                recording.moved_by_hand |= {id(tensor) for tensor, _, _ in moved}
            recording.hand_steps.append(
                HandStep(
                    where=self._written or where,
                    backward=where,
                    time=recording.tick(),
                    leaves=len(leaves),
                    stale=sum(leaf.used > 0 for leaf in leaves) if is_along else 0,
                    passes=max(leaf.passes for leaf in leaves),
                )
            )
            for leaf in leaves:
                leaf.used = leaf.passes
        for tensor, leaf in known:
            grad = tensor.grad
            if grad is None or leaf.grad is None or not torch.equal(_some(grad), leaf.grad):
                leaf.passes = leaf.used = 0  # zeroed; or scaled or clipped, which nobody can judge
            elif not bool(leaf.grad.count_nonzero()):
                leaf.passes = leaf.used = 0

    def after_backward(self, leaves: list[Tensor]) -> None:
        """It has reached them."""
        if len(self._leaves) > 2048:
            self._leaves = {k: e for k, e in self._leaves.items() if e.tensor() is not None}
        for tensor in leaves:
            grad = tensor.grad
            if grad is None or grad.is_sparse:
                continue
            leaf = self._leaves.get(id(tensor))
            if leaf is None or leaf.tensor() is not tensor:
                leaf = self._leaves[id(tensor)] = _Leaf(weakref.ref(tensor), _some(tensor))
                self._recording.reached_by_hand[id(tensor)] = 0
            leaf.values, leaf.grad = _some(tensor), _some(grad)
            leaf.passes += 1
            self._recording.reached_by_hand[id(tensor)] += 1


def _some(tensor: Tensor) -> Tensor:
    return tensor.detach().flatten()[:MAX_COMPARED].clone()
