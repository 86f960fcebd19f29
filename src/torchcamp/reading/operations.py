"""The operation witness: every ATen operation, its time, FLOPs and the parameters it read."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from torchcamp.reading.documentation import page_of_call
from torchcamp.reading.flops import CONVOLUTIONS, flops_by_torch, flops_of
from torchcamp.reading.memory import Memory
from torchcamp.reading.places import OUTSIDE, Invocation, Place, Tally
from torchcamp.reading.stack import Stack
from torchcamp.reading.tape import Tape
from torchcamp.reading.values import shape_of, sizes_of

_DEFAULT = Tensor.__torch_dispatch__  # type: ignore[attr-defined]


class Operations(TorchDispatchMode):
    """Sees the operations of both passes; composite ones in the parts that really run.

    Args:
        calls: the calls of the user's functions, in order.
        names: display names of parameters, by `id`.

    Attributes:
        disagreements: FLOPs of the convolutions that torch's own counter counts otherwise, by
            operation: ours and its.
    """

    def __init__(
        self,
        stack: Stack,
        tape: Tape,
        memory: Memory,
        tallies: dict[Place, Tally],
        calls: Sequence[Invocation],
        names: Mapping[int, str],
    ) -> None:
        super().__init__()
        self.num_forward = self.num_forward_placed = 0
        self.num_backward = self.num_backward_placed = 0
        self.last_backward: Place | None = None  # the statement whose backward ran last
        self.unplaced = Tally()  # what no statement of the user's caused
        self.disagreements: dict[str, tuple[int, int]] = {}
        self._stack, self._tape, self._memory = stack, tape, memory
        self._tallies, self._calls, self._names = tallies, calls, names

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch wraps the handler, and imports its compiler at the first call

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        trace = sys.gettrace()
        sys.settrace(None)  # what happens in here is ours
        try:
            kwargs = kwargs or {}
            if _take_it_apart(args) or (kwargs and _take_it_apart(tuple(kwargs.values()))):
                return NotImplemented  # what it does inside comes here again, and is counted
            if (
                func._overloadpacket not in flop_registry
                and func.namespace == "aten"
                and not any(isinstance(each, Tensor) and each.is_nested for each in args)
            ):  # of nested tensors the parts are not what runs
                with self:
                    parts = func.decompose(*args, **kwargs)
                if parts is not NotImplemented:
                    return parts
            return self._run(func, args, kwargs, sys._getframe(1))
        finally:
            sys.settrace(trace)

    def _run(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], frame: FrameType
    ) -> Any:
        place = self._stack.place_of(frame)
        self._tape.claim(place)
        node = torch._C._current_autograd_node()
        backward = node is not None
        recompute = False
        if backward:
            place, recompute = self._caused_by(node, place)
        started = time.perf_counter()
        out = func(*args, **kwargs)
        seconds = time.perf_counter() - started
        self._memory.remember(out, place)
        if backward:
            self.num_backward += 1
            self.num_backward_placed += place is not None
        else:
            self.num_forward += 1
            self.num_forward_placed += place is not None
        tally = self._tallies[place.statement] if place else self.unplaced
        flops = flops_of(func, args, kwargs, out)
        name = func.__name__.partition(".")[0]
        if flops is None:
            tally.not_counted[name] = None
        elif name in CONVOLUTIONS:
            theirs = flops_by_torch(func, args, kwargs, out)
            if theirs and theirs != flops:
                before = self.disagreements.get(name, (0, 0))
                self.disagreements[name] = (before[0] + flops, before[1] + theirs)
        if not backward and name not in tally.ops:  # one look is enough: it costs a walk
            page = page_of_call(name, args, frame, self._stack.frames)
            if page is not None:
                tally.pages[page] = None
        tally.ops[name] += 1
        tally.recomputed += recompute
        layer = tally.layers.get(place.layer) if place else None
        for target in (tally,) if layer is None else (tally, layer):
            target.seconds += seconds
            if backward:
                target.flops_backward += flops or 0
            else:
                target.flops_forward += flops or 0
                for parameter in self._parameters(args):
                    target.params[parameter] = None
        if layer is not None and not backward:
            first = out[0] if isinstance(out, list | tuple) and out else out
            if isinstance(first, Tensor):
                layer.latest = shape_of(first)
        return out

    def _caused_by(self, node: Any, place: Place | None) -> tuple[Place | None, bool]:
        """The statement that an operation of the backward pass is for, and whether it recomputes.

        The user's own code may run in the backward pass (a custom function, a checkpoint): then it
        is the statement that runs. Otherwise it is the one that made the node.
        """
        self._tape.add(node)
        recompute = False
        call = self._calls[place.call] if place is not None and place.call != OUTSIDE else None
        if call is not None and call.in_backward:
            recompute = call.recompute
        else:
            place = self._tape.owner(node._sequence_nr())
        if place:
            self.last_backward = place
        return place, recompute

    def _parameters(self, args: tuple[Any, ...]) -> Iterator[str]:
        for argument in args:
            if isinstance(argument, Tensor):
                name = self._names.get(id(argument))
                if name is None and isinstance(argument, nn.Parameter):
                    name = f"Parameter{sizes_of(argument)}"
                if name is not None:
                    yield name
            elif isinstance(argument, list | tuple):
                yield from self._parameters(tuple(argument))


def _take_it_apart(values: Sequence[Any]) -> bool:
    """Whether a tensor among them has operations of its own: a jagged one, or one that wraps another."""
    for value in values:
        kind = type(value)
        if kind is Tensor or kind is nn.Parameter:
            continue
        if isinstance(value, Tensor):
            if kind.__torch_dispatch__ is not _DEFAULT:  # type: ignore[attr-defined]
                return True
        elif isinstance(value, list | tuple) and _take_it_apart(value):
            return True
    return False
