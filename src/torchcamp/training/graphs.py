"""A training step as one CUDA graph: its kernels are launched together, without Python in between.

A graph repeats kernels with the very addresses and numbers that they had when it was captured. So a
step is only replayed if what differs from step to step lies in tensors that are written in place: the
batch and the learning rates are copied there before each replay, and weights, averages, chains,
scheduled values and the device's random numbers lie there anyway. Before the capture, two ordinary
steps are watched and compared; a step that reads values back, or computes something else each time,
is left as it is.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from torchcamp.base.errors import RunError, first_line
from torchcamp.training.checkpoint import modules
from torchcamp.training.devices import synchronize

Metrics = dict[str, Tensor]
aten = torch.ops.aten

NUM_UNWATCHED = 1  # the first step makes what is made once, such as an optimizer's moments
NUM_WATCHED = 2
RATE_DTYPE = torch.float32  # what torch's fused optimizers read on a GPU


def why_not(device: torch.device, num_processes: int) -> str | None:
    """Why no step can be replayed here, as a clause; None if they can."""
    if device.type != "cuda":
        return f"the device is {device.type}, and they need an NVIDIA GPU"
    if num_processes > 1:
        return f"{num_processes} processes train together"
    return None


# --- What only a GPU can do ------------------------------------------------------------


class CUDAGraph:
    """What a function launches on the device, to be launched again."""

    def __init__(self, device: torch.device) -> None:
        self.graph = torch.cuda.CUDAGraph()
        self.stream = torch.cuda.Stream(device)

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Queue work on the stream of the capture, which may not meet work on the default stream."""
        outer = torch.cuda.current_stream(self.stream.device)
        self.stream.wait_stream(outer)
        with torch.cuda.stream(self.stream):
            yield
        outer.wait_stream(self.stream)

    def capture(self, function: Callable[[], Metrics]) -> Metrics:
        """Call `function` without computing anything; each `replay` writes into what it returned."""
        with torch.cuda.graph(self.graph, stream=self.stream):
            return function()

    def replay(self) -> None:
        self.graph.replay()


# --- The step ---------------------------------------------------------------------------


class GraphedStep:
    """A training step that is captured as a CUDA graph and then replayed, with the same results.

    The steps before the capture are ordinary steps of the run. A batch of another shape than the
    first one is trained on without the graph.

    Args:
        step: the step, called with a batch: a tensor, or a tuple of tensors.
        state: the `Training.state`, whose optimizers' rates and averages' counters are looked after.
        num_processes: that train together.
        report: is told in a sentence why there is no graph, if there is none.

    Attributes:
        capture_seconds: spent in capturing so far.
        is_captured: whether steps are replayed now.
    """

    def __init__(
        self,
        step: Callable[[Any], Metrics],
        state: Mapping[str, Any],
        device: torch.device,
        *,
        num_processes: int = 1,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.step, self.device, self.report = step, device, report
        self.capture_seconds = 0.0
        self.is_captured = False
        self._optimizers = list(_optimizers(state))
        self._rates = [
            (group, torch.zeros((), dtype=RATE_DTYPE, device=device))
            for optimizer in self._optimizers
            for group in optimizer.param_groups
        ]
        # On the CPU, where no graph reaches them.
        self._counts = [
            part.n_averaged
            for network in modules(state)
            for part in network.modules()
            if isinstance(part, AveragedModel)
        ]
        self._num_steps = 0
        self._shapes: list[tuple[Any, ...]] = []
        self._watched: list[Watch] = []
        self._settings: list[dict[str, Any]] = []
        self._batch: Any = None
        self._metrics: Metrics = {}
        self._graph: CUDAGraph | None = None
        if reason := why_not(device, num_processes) or _unsuited(self._optimizers):
            self._refuse(reason)
        else:
            self._graph = CUDAGraph(device)

    def __call__(self, batch: Any) -> Metrics:
        """Train once; the tensors returned are overwritten by the next call.

        Raises:
            RunError: the capture failed, although nothing seemed to stand in its way.
        """
        if self._graph is None:
            return self.step(batch)
        parts = _parts(batch)
        if not all(isinstance(part, Tensor) for part in parts):
            self._refuse("a batch is neither a tensor nor a tuple of tensors")
            return self.step(batch)
        shapes = [(part.shape, part.stride(), part.dtype) for part in parts]
        self._shapes = self._shapes or shapes
        if shapes != self._shapes:
            return self._ordinary(self._graph, batch)
        if self.is_captured:
            if self._settings != _settings(self._optimizers):
                self._refuse("a schedule changes more of an optimizer than its rate")
                return self.step(batch)
            return self._replay(self._graph, batch)
        self._num_steps += 1
        if self._num_steps <= NUM_UNWATCHED:
            return self._ordinary(self._graph, batch)
        if self._num_steps <= NUM_UNWATCHED + NUM_WATCHED:
            return self._watch(self._graph, batch)
        self._capture(self._graph, batch)
        return self._replay(self._graph, batch)

    def _ordinary(self, graph: CUDAGraph, batch: Any) -> Metrics:
        with self._rates_in_tensors(), graph.beside():
            return self.step(batch)

    def _watch(self, graph: CUDAGraph, batch: Any) -> Metrics:
        """An ordinary step, compared with the one before."""
        watch = Watch(_parts(batch), self.device, self._counts)
        with self._rates_in_tensors(), graph.beside(), watch:
            metrics = self.step(batch)
        self._watched.append(watch)
        reason = watch.obstacle
        if not reason and len(self._watched) == NUM_WATCHED:
            reason = difference(*self._watched)
        if reason:
            self._refuse(reason)
        return metrics

    def _capture(self, graph: CUDAGraph, batch: Any) -> None:
        synchronize(self.device)  # so that what was queued before is not counted
        started = time.perf_counter()
        self._watched = []
        self._settings = _settings(self._optimizers)
        self._batch = tuple(map(torch.clone, batch)) if isinstance(batch, tuple) else batch.clone()
        counts = [count.clone() for count in self._counts]
        try:
            with self._rates_in_tensors(), _capturable(self._optimizers):
                self._metrics = graph.capture(lambda: self.step(self._batch))
        except RuntimeError as error:
            raise RunError(
                f"the step cannot be captured as a CUDA graph: {first_line(error)}; train without: "
                "leave --graphs out, or go on with torchcamp train --resume RUN --no-graphs"
            ) from error
        for count, before in zip(self._counts, counts, strict=True):
            count.copy_(before)  # a capture computes nothing, but counts what lies on the CPU
        self.is_captured = True
        synchronize(self.device)
        self.capture_seconds += time.perf_counter() - started

    def _replay(self, graph: CUDAGraph, batch: Any) -> Metrics:
        with torch.no_grad(), graph.beside():
            for ours, theirs in zip(_parts(self._batch), _parts(batch), strict=True):
                ours.copy_(theirs)
            for group, rate in self._rates:
                rate.fill_(group["lr"])
            graph.replay()
        for count in self._counts:
            count.add_(1)
        return self._metrics

    @contextlib.contextmanager
    def _rates_in_tensors(self) -> Iterator[None]:
        """Let the optimizers read their rates where a replay will read them.

        Only meanwhile: schedules, rows and checkpoints go on with plain numbers.
        """
        numbers = [group["lr"] for group, _ in self._rates]
        try:
            for group, rate in self._rates:
                rate.fill_(group["lr"])
                group["lr"] = rate
            yield
        finally:
            for (group, _), number in zip(self._rates, numbers, strict=True):
                group["lr"] = number

    def _refuse(self, reason: str) -> None:
        self._graph, self._watched, self.is_captured = None, [], False
        self.report(f"no CUDA graphs: {reason}; the steps run one by one")


# --- Whether a step can be replayed ----------------------------------------------------


class Watch(TorchDispatchMode):
    """Writes down what a step computes: every call, its numbers, and where its tensors come from.

    calls: of each, the operator and its arguments. A tensor is named by the batch's number, by the
        call that made it, or, if the step found it there, by its address.
    obstacle: why the step cannot be captured, as a clause, if something in it cannot.
    """

    def __init__(
        self, batch: Sequence[Tensor], device: torch.device, counts: Sequence[Tensor]
    ) -> None:
        super().__init__()
        self.device = device
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.obstacle: str | None = None
        self._origins = {_address(part): f"batch {i}" for i, part in enumerate(batch)}
        self._counts = {_address(count) for count in counts}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        inputs = tree_leaves((args, kwargs or {}))
        names = tuple(map(self._name, inputs))  # before an operator such as `transpose_`
        result = func(*args, **(kwargs or {}))
        tensors = [leaf for leaf in inputs if isinstance(leaf, Tensor)]
        made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        if not any(self._is_ours(tensor) for tensor in (*tensors, *made)):
            return result
        self.obstacle = self.obstacle or self._obstacle(func, args, tensors, made)
        self.calls.append((str(func), names))
        known = {_address(tensor) for tensor in tensors}
        for tensor in made:
            if _address(tensor) not in known:
                self._origins[_address(tensor)] = f"call {len(self.calls)}"
        return result

    def _is_ours(self, tensor: Tensor) -> bool:
        return tensor.device.type == self.device.type and _address(tensor) not in self._counts

    def _name(self, leaf: Any) -> str:
        if not isinstance(leaf, Tensor):
            return repr(leaf)
        if not self._is_ours(leaf):  # passed by value
            return repr(leaf.item()) if leaf.dim() == 0 and not leaf.is_meta else str(leaf.shape)
        origin = self._origins.get(_address(leaf), f"address {_address(leaf)}")
        return f"{origin} {tuple(leaf.shape)} {leaf.stride()} {leaf.storage_offset()} {leaf.dtype}"

    def _obstacle(
        self, func: Any, args: Any, tensors: list[Tensor], made: list[Tensor]
    ) -> str | None:
        """What in this call makes the host wait for the device, or is lost in a replay."""
        name = func._schema.name
        by_index = func in (aten.index.Tensor, aten.index_put.default, aten.index_put_.default)
        masks = by_index and any(
            index.dtype in (torch.bool, torch.uint8) for index in args[1] if index is not None
        )
        reads = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape} & set(func.tags)
        if masks or (reads and not by_index):
            return f"the step waits for values of the device ({name})"
        if func is aten.lift_fresh.default:
            return (
                "the step makes a tensor of Python's numbers, as torch.tensor does; torch.full may"
            )
        kinds = {tensor.device.type for tensor in (*tensors, *made)}
        if func in (aten._to_copy.default, aten.copy_.default) and len(kinds) > 1:
            return f"the step copies between {' and '.join(sorted(kinds))} ({name})"
        return None


def difference(before: Watch, after: Watch) -> str | None:
    """Where two steps in a row computed something different, as a clause; None if nowhere."""
    if before.calls == after.calls:
        return None
    for number, (first, second) in enumerate(zip(before.calls, after.calls, strict=False), 1):
        if first[0] != second[0]:
            return f"two steps in a row differ: call {number} is {first[0]}, then {second[0]}"
        for one, other in zip(first[1], second[1], strict=False):
            if one != other:
                return f"two steps in a row differ: {first[0]}, call {number}, takes {one}, then {other}"
    return f"two steps in a row differ: {len(before.calls)} calls, then {len(after.calls)}"


def _unsuited(optimizers: Sequence[Optimizer]) -> str | None:
    """Which optimizer counts its steps on the CPU, where no replay would; a clause, or None."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            if group.get("capturable") is False and not group.get("fused"):
                name = type(optimizer).__name__
                return f"{name} counts its steps on the CPU; give it fused=True or capturable=True"
    return None


def _settings(optimizers: Sequence[Optimizer]) -> list[dict[str, Any]]:
    """What the optimizers' groups say beside their parameters and rates: fixed by a capture."""
    return [
        {name: value for name, value in group.items() if name not in ("params", "lr")}
        for optimizer in optimizers
        for group in optimizer.param_groups
    ]


@contextlib.contextmanager
def _capturable(optimizers: Sequence[Optimizer]) -> Iterator[None]:
    """Say to torch's optimizers what they ask for in a capture, and only then."""
    groups = [
        group
        for optimizer in optimizers
        for group in optimizer.param_groups
        if group.get("capturable") is False
    ]
    try:
        for group in groups:
            group["capturable"] = True
        yield
    finally:
        for group in groups:
            group["capturable"] = False


def _optimizers(state: Mapping[str, Any]) -> Iterator[Optimizer]:
    for value in state.values():
        if isinstance(value, Optimizer):
            yield value
        elif isinstance(value, Mapping):
            yield from _optimizers(value)


def _parts(batch: Any) -> tuple[Tensor, ...]:
    return batch if isinstance(batch, tuple) else (batch,)


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
