"""Behaviour probes: what a step does to its networks that its return value does not tell.

Each takes a step (a function without arguments that trains or evaluates once) and the network it
uses, runs it, and reports what it saw. The network is left as the step leaves it. The checks of the
exercises use these; `graph_nodes` is the walk through a graph that the doctor uses too.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Step = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Modes:
    """The mode that a network computed in.

    during: `training` of the network at each of its forward passes. after: once the step is done.
    buffers_moved: names of buffers that changed, such as running statistics.
    """

    during: tuple[bool, ...]
    after: bool
    buffers_moved: tuple[str, ...]


def modes(step: Step, network: nn.Module) -> Modes:
    """Run `step` and watch the mode of `network` (train or eval) and its buffers."""
    seen: list[bool] = []
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    handle = network.register_forward_pre_hook(lambda module, inputs: seen.append(module.training))
    try:
        step()
    finally:
        handle.remove()
    moved = tuple(
        name
        for name, buffer in network.named_buffers()
        if not torch.equal(before[name].to(buffer.device), buffer)
    )
    return Modes(during=tuple(seen), after=network.training, buffers_moved=moved)


def is_repeatable(function: Callable[[], Tensor]) -> bool:
    """Whether two calls return the same: in eval mode nothing is random, dropout included."""
    with torch.no_grad():
        return torch.equal(function(), function())


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """What a step does with gradients left from before.

    uses_stale: they change what the step does to the parameters.
    accumulates: they are still inside `.grad` after the step.
    """

    uses_stale: bool
    accumulates: bool


def stale_gradients(make: Callable[[], tuple[Step, nn.Module]], stale: float = 100.0) -> Gradients:
    """Run a step twice, once on clean gradients and once on gradients of `stale`.

    Args:
        make: builds a step and its network, the same each time (it seeds).
    """
    results = []
    for value in (None, stale):
        step, network = make()
        for parameter in network.parameters():
            if value is not None:
                parameter.grad = torch.full_like(parameter, value)
        step()
        after = [p.detach().clone() for p in network.parameters()]
        left = [None if p.grad is None else p.grad.clone() for p in network.parameters()]
        results.append((after, left))
    (clean, clean_left), (dirty, dirty_left) = results
    return Gradients(
        uses_stale=not all(torch.equal(a, b) for a, b in zip(clean, dirty, strict=True)),
        accumulates=any(
            b is not None and (b - (a if a is not None else 0)).abs().max() > stale / 2
            for a, b in zip(clean_left, dirty_left, strict=True)
        ),
    )


def unmoved(step: Step, network: nn.Module) -> tuple[str, ...]:
    """Names of trainable parameters that `step` does not change."""
    before = {n: p.detach().clone() for n, p in network.named_parameters() if p.requires_grad}
    step()
    now = dict(network.named_parameters())
    return tuple(name for name, value in before.items() if torch.equal(value, now[name].detach()))


def is_affine(
    function: Callable[[Tensor], Tensor], inputs: Tensor, tolerance: float = 1e-4
) -> bool:
    """Whether `function` is a sum of a linear map and a constant on the inputs (a dead nonlinearity).

    For an affine f, f(a) + f(b) = f(a + b) + f(0).

    Args:
        function: (B, ...) to (B, ...); must treat each image of a batch by itself, and all alike.
        inputs: (2, ...), the two points a and b.
    """
    a, b = inputs[:1], inputs[1:2]
    with torch.no_grad():
        left = function(a) + function(b)
        right = function(a + b) + function(torch.zeros_like(a))
    scale = left.abs().max().clamp_min(1e-12)
    return bool((left - right).abs().max() <= tolerance * scale)


def graph_nodes(*tensors: Any) -> Iterator[Any]:
    """Autograd's nodes behind some tensors, each once; what has no graph has none."""
    starts = [getattr(tensor, "grad_fn", None) for tensor in tensors]
    waiting = [node for node in dict.fromkeys(starts) if node is not None]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)


def graph_size(tensor: Any) -> int:
    """Number of autograd nodes that `tensor` keeps alive; 0 without a graph."""
    return sum(1 for _ in graph_nodes(tensor))


def kept_for_backward(step: Step) -> int:
    """The most bytes that autograd keeps for the backward pass at any time while `step` runs.

    A tensor that several operations keep counts for each of them.
    """
    held, most = 0, 0

    class Kept:
        def __init__(self, tensor: Tensor) -> None:
            nonlocal held, most
            self.tensor = tensor.detach()  # an output with its node would be a cycle, freed late
            held += tensor.nbytes
            most = max(most, held)

        def __del__(self) -> None:
            nonlocal held
            held -= self.tensor.nbytes

    with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        step()
    return most


def moves_random_state(step: Step) -> bool:
    """Whether `step` draws from, or seeds, a generator of the whole program.

    There are three: torch's (on the CPU), Python's and NumPy's.
    """
    before = _shared_random_state()
    step()
    return before != _shared_random_state()


def _shared_random_state() -> tuple[Any, ...]:
    kind, keys, position, *rest = np.random.get_state()  # noqa: NPY002 - it is what others draw from
    return (
        torch.get_rng_state().numpy().tobytes(),
        random.getstate(),
        (kind, np.asarray(keys).tobytes(), position, *rest),
    )


def generator_misuse(draw: Callable[[torch.Generator], Any]) -> str | None:
    """What is wrong with how `draw` uses the generator that it is given, in a sentence; None if nothing.

    It must draw from that generator alone, and two calls must draw different numbers from it.
    """
    generator = torch.Generator().manual_seed(1234)
    states = [generator.get_state()]

    def twice() -> None:
        for _ in range(2):
            draw(generator)
            states.append(generator.get_state())

    if moves_random_state(twice):
        return (
            "Your draws moved the random numbers that the whole program shares; "
            "draw with the given generator."
        )
    before, first, second = states
    if torch.equal(before, first):
        return (
            "The given generator is where it was before your draws: they came from elsewhere. "
            "Draw with the given generator."
        )
    if torch.equal(first, second):
        return (
            "Two calls with one generator leave it in the very same state, so both made the same draws: "
            "do not seed the generator, the caller has done that."
        )
    return None
