"""The passes of a reading: a forward pass to time, then a watched forward and backward pass.

Whatever they change is put back: parameters, buffers, gradients, random states, train and eval
flags.
"""

import contextlib
import copy
import functools
import random
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map

from torchcamp.reading.networks import (
    buffers_of,
    named_parameters,
    named_parts,
    parameters_of,
    parts_of,
)
from torchcamp.reading.tracer import Tracer
from torchcamp.reading.values import leaves

TIMED_SECONDS = 1.0  # for the passes without a tracer


class Run:
    """A forward and a backward pass under a tracer, and where they ended.

    Attributes:
        error: what ended it early, None where nothing did.
        phase: the pass that ran last, "forward" or "backward".
        outputs: the tensors that the backward pass begins at.
        forward_seconds: of the forward pass, with the tracer.
        ran_backward: the backward pass from `outputs` came to its end.
        reached: the `id` of each parameter that a gradient arrived at.
    """

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.error: BaseException | None = None
        self.phase = "forward"
        self.outputs: list[Tensor] = []
        self.forward_seconds = 0.0
        self.ran_backward = False
        self.reached: set[int] = set()

    def forward_and_backward(
        self, call: Callable[..., Any], args: Any, kwargs: Any, modules: Mapping[str, nn.Module]
    ) -> None:
        """Run both; an exception of the user's code ends up in `error`."""
        tracer = self.tracer
        for module in modules.values():
            parameters = [p for p in parameters_of(module) if not is_lazy(p)]
            tracer.hold(parameters, parameters=True)
            tracer.hold([p.grad for p in parameters if p.grad is not None])
            tracer.hold([b for b in buffers_of(module) if not is_lazy(b)])
        tracer.hold([tensor for _, tensor in leaves("", (args, kwargs))])
        with self._gradients_watched(list(modules.values())):
            started = time.perf_counter()
            try:
                with tracer:
                    result = call(*args, **kwargs)
                self.forward_seconds = time.perf_counter() - started
                self._backward(result)
            except Exception as error:
                self.error = error

    @contextlib.contextmanager
    def _gradients_watched(self, modules: list[nn.Module]) -> Iterator[None]:
        """Write down which parameters a gradient arrives at, also by `torch.autograd.grad`."""
        handles = []
        for parameter in {p for module in modules for p in parameters_of(module)}:
            if parameter.requires_grad and not is_lazy(parameter):
                note = functools.partial(self._note, id(parameter))
                handles.append(parameter.register_hook(note))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _note(self, key: int, gradient: Tensor) -> None:
        self.reached.add(key)

    def _backward(self, result: Any) -> None:
        """From the model's own loss where it returns one, else from the sum of its outputs."""
        self.outputs = _differentiable(result)
        waiting = [output.grad_fn for output in self.outputs]
        reached = set()
        while waiting:
            node = waiting.pop()
            if node is not None and node not in reached:
                reached.add(node)
                waiting += self.tracer.tape.add(node)
        if not self.outputs:
            return
        self.phase = "backward"
        ones = [torch.ones_like(output) for output in self.outputs]
        self.tracer.hold(ones)
        with self.tracer:
            torch.autograd.backward(self.outputs, ones)
        self.ran_backward = True


def _differentiable(result: Any) -> list[Tensor]:
    """Where a backward pass begins: at a loss that the model returns, or at all its outputs."""
    outputs = [
        (name, tensor)
        for name, tensor in leaves("", result)
        if tensor.requires_grad and (tensor.is_floating_point() or tensor.is_complex())
    ]
    losses = [t for name, t in outputs if name in (".loss", "['loss']") and t.numel() == 1]
    return losses[:1] or [tensor for _, tensor in outputs]


# --- The networks in play --------------------------------------------------------------


def modules_of(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, nn.Module]:
    """The networks that a call can reach, by name; the name of the one that is called is empty."""
    owner = getattr(call, "__self__", None)
    if isinstance(call, nn.Module):
        return {"": call}
    if isinstance(owner, nn.Module):
        return {"": owner}
    if not isinstance(call, types.FunctionType):
        return {}
    code = call.__code__
    named = [(name, call.__globals__.get(name)) for name in code.co_names]
    for name, cell in zip(code.co_freevars, call.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell
            named.append((name, cell.cell_contents))
    parameters = code.co_varnames[: code.co_argcount]
    named += zip(parameters, args, strict=False)
    named += [(f"args[{n}]", value) for n, value in enumerate(args[len(parameters) :])]
    named += kwargs.items()
    return {name: value for name, value in named if isinstance(value, nn.Module)}


def parameter_names(modules: Mapping[str, nn.Module]) -> dict[int, str]:
    """Display name of each parameter by `id`; a tied one has both its names: `a = b`."""
    names: dict[int, list[str]] = {}
    for prefix, module in modules.items():
        for name, parameter in named_parameters(module, prefix):
            names.setdefault(id(parameter), []).append(name)
    return {key: " = ".join(dict.fromkeys(every)) for key, every in names.items()}


def module_names(modules: Mapping[str, nn.Module]) -> dict[int, str]:
    """Display name of each module by `id`."""
    names: dict[int, str] = {}
    for prefix, root in modules.items():
        for name, module in named_parts(root, prefix):
            names.setdefault(id(module), name)
    return names


# --- Leaving no trace ------------------------------------------------------------------


def fresh(values: Any) -> Any:
    """Inputs that the run may change: each tensor a copy, everything else as it is."""

    def copied(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value.detach().clone().requires_grad_(value.requires_grad)
        return value

    return tree_map(copied, values)


class _Kept:
    """Copies of everything in some modules that a pass may change."""

    def __init__(self, modules: list[nn.Module]) -> None:
        self.modes = {part: part.training for module in modules for part in parts_of(module)}
        self.buffers = [(part, dict(part._buffers)) for part in self.modes]
        self.tensors: dict[int, tuple[Tensor, Tensor]] = {}
        self.gradients: list[tuple[Tensor, Tensor | None]] = []
        for part in self.modes:
            for tensor in (*part._parameters.values(), *part._buffers.values()):
                if tensor is not None and not is_lazy(tensor):
                    self.tensors[id(tensor)] = (tensor, tensor.detach().clone())
            for parameter in part._parameters.values():
                if parameter is not None and not is_lazy(parameter):
                    gradient = parameter.grad
                    kept = None if gradient is None else gradient.clone()
                    self.gradients.append((parameter, kept))

    def put_back(self) -> None:
        for part, mode in self.modes.items():
            part.training = mode
        for part, kept in self.buffers:
            for name, buffer in kept.items():
                part._buffers[name] = buffer
        with torch.no_grad():
            for tensor, value in self.tensors.values():
                if tensor.layout == torch.strided and not torch.equal(tensor, value):
                    tensor.copy_(value)
        for parameter, gradient in self.gradients:
            parameter.grad = None if gradient is None else gradient.clone()


@contextlib.contextmanager
def unchanged(modules: list[nn.Module], seed: int) -> Iterator[Callable[[], None]]:
    """Put back, at the end, everything that a pass may change.

    Yields:
        A function that puts the modules back and seeds all random numbers: call it before each pass.
    """
    kept = _Kept(modules)
    states = _random_states()

    def begin_again() -> None:
        kept.put_back()
        torch.manual_seed(seed)
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)

    try:
        yield begin_again
    finally:
        kept.put_back()
        for restore, state in states:
            restore(state)


def _random_states() -> list[tuple[Callable[[Any], Any], Any]]:
    states: list[tuple[Callable[[Any], Any], Any]] = [
        (torch.set_rng_state, torch.get_rng_state()),
        (random.setstate, random.getstate()),
    ]
    if "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        states.append((numpy.random.set_state, numpy.random.get_state()))
    return states


@contextlib.contextmanager
def as_written() -> Iterator[None]:
    """Run what `torch.compile` wrapped as it was written, where anything was compiled at all."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


# --- Timing ----------------------------------------------------------------------------


def time_untraced(
    call: Callable[..., Any],
    args: Any,
    kwargs: Any,
    modules: Mapping[str, nn.Module],
    begin_again: Callable[[], None],
) -> float | None:
    """Seconds of a forward pass without a tracer: the fastest of up to three, after a warm-up.

    They run on a copy, so that what a model remembers of its first pass is still to come when it is
    traced. A lazy module takes its shapes now: its initialisation does not belong in the listing.
    Returns None where the pass fails.
    """
    lazy = any(is_lazy(p) for module in modules.values() for p in parameters_of(module))
    best: float | None = None
    try:
        if lazy:
            begin_again()
            call(*fresh(args), **fresh(kwargs))
        with contextlib.suppress(Exception):  # what cannot be copied is timed itself
            call, args, kwargs = copy.deepcopy((call, args, kwargs))
        began = time.perf_counter()
        for number in range(4):
            begin_again()
            own_args, own_kwargs = fresh(args), fresh(kwargs)
            started = time.perf_counter()
            call(*own_args, **own_kwargs)
            seconds = time.perf_counter() - started
            if number:
                best = seconds if best is None else min(best, seconds)
            if time.perf_counter() - began > TIMED_SECONDS:
                best = best or seconds
                break
    except Exception:
        return None  # the traced pass will meet it too, and say where
    return best
