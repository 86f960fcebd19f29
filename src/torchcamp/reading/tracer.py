"""Watch a run line by line: what each statement bound, which operations it caused, what they cost.

Three witnesses, each for what the others cannot see. `Lines` (`sys.settrace`) sees lines, names and
branches; `Operations` (a `TorchDispatchMode`) sees every ATen operation, also in the backward pass;
`Memory` (`saved_tensors_hooks`) sees what is kept for it. They meet at a `Place`: a statement of
the user's file, in one call of the function it belongs to. Nodes of autograd find theirs by the
`Tape`.
"""

import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import torch
from torch import Tensor

from torchcamp.reading.lines import Lines
from torchcamp.reading.memory import Memory
from torchcamp.reading.operations import Operations
from torchcamp.reading.places import Place, Tally
from torchcamp.reading.stack import Stack, is_user_file
from torchcamp.reading.tape import Tape


class Tracer:
    """Run code under `with tracer:`, once or several times, and read the tallies afterwards.

    Attributes:
        tallies: what each statement did in each call of its function.
        lines, operations, memory: the witnesses, with their totals.
        stack: the watched functions that are running.
        tape: the nodes of autograd and the statements that made them.

    Args:
        is_user: whether a file is watched; by default all that lie neither in the standard
            library, nor in site-packages, nor in torch.
        names: display names of parameters, by `id`.
        modules: display names of modules, by `id`.
        operations: whether to watch ATen operations, nodes and memory too, not lines and values
            alone.
        saved: whether to watch what is kept for the backward pass; `torch.func`'s gradients
            cannot run under that hook.
    """

    def __init__(
        self,
        *,
        is_user: Callable[[str], bool] | None = None,
        names: Mapping[int, str] | None = None,
        modules: Mapping[int, str] | None = None,
        operations: bool = True,
        saved: bool = True,
    ) -> None:
        self.tallies: dict[Place, Tally] = defaultdict(Tally)
        self.tape = Tape()
        self.stack = Stack(is_user or is_user_file, dict(modules or {}), self.tallies)
        self.lines = Lines(self.stack, self.tape, self.tallies)
        self.memory = Memory(self.tallies, self.stack.place_of)
        self.operations = Operations(
            self.stack, self.tape, self.memory, self.tallies, self.lines.calls, dict(names or {})
        )
        self._watch_operations = operations
        self._watch_saved = operations and saved
        self._on_exit = ExitStack()

    def __enter__(self) -> "Tracer":
        self._on_exit.callback(sys.settrace, sys.gettrace())
        self._on_exit.callback(threading.settrace, threading.gettrace())  # type: ignore[arg-type]
        if self._watch_operations:
            self._on_exit.enter_context(self.operations)
        if self._watch_saved:
            hooks: AbstractContextManager[Any] = torch.autograd.graph.saved_tensors_hooks(
                self.memory.pack, lambda tensor: tensor
            )
            self._on_exit.enter_context(hooks)
        self.tape.start()
        threading.settrace(self.lines.in_thread)
        sys.settrace(self.lines.called)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(None)
        self.tape.claim()
        self._on_exit.close()
        self.stack.frames.clear()
        if exception[0] is None:  # else the layer that was running has no output
            for tally in self.tallies.values():
                for layer in tally.layers.values():
                    layer.end_call()

    def hold(self, tensors: Sequence[Tensor], *, parameters: bool = False) -> None:
        """Leave the memory of tensors that exist before the run out of every count."""
        self.memory.hold(tensors, parameters=parameters)
