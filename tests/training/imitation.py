"""A CUDA graph on the CPU: what a step computes is written down, and repeated without its Python.

As with a real one, the capture leaves everything as it was; a replay runs the same operators on the
same memory with the same numbers, and writes the outputs where the capture had them. What a step does
in Python, or on tensors that a GPU's graph would not see, is not repeated.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from torchcamp.training import graphs, loop
from torchcamp.training.graphs import GraphedStep


def address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def tensors_in(*values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


class Place:
    """Where a tensor lies now; an operator such as `transpose_` may move it."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor  # keeps the memory
        self.layout = (tensor.storage_offset(), tensor.shape, tensor.stride())

    def __call__(self) -> Tensor:
        empty = torch.empty(0, dtype=self.tensor.dtype)
        return empty.set_(self.tensor.untyped_storage(), *self.layout)


class Recorder(TorchDispatchMode):
    """Writes down each operator that is called, and the contents that a storage had before.

    on_host: addresses of tensors that would lie on the CPU beside a GPU.
    """

    def __init__(self, on_host: set[int]) -> None:
        super().__init__()
        self.on_host = set(on_host)
        self.calls: list[tuple[Any, Any, list[Place]]] = []
        self.before: dict[int, tuple[Tensor, Tensor]] = {}
        self.made: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        inputs = tensors_in(args, kwargs)
        if inputs and all(address(tensor) in self.on_host for tensor in inputs):
            result = func(*args, **kwargs)
            self.on_host |= {address(tensor) for tensor in tensors_in(result)}
            return result
        for tensor in inputs:
            if address(tensor) not in self.made | self.before.keys():
                whole = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())
                self.before[address(tensor)] = (whole, whole.clone())
        call = tree_map_only(Tensor, Place, (args, kwargs))
        result = func(*args, **kwargs)
        known = {address(tensor) for tensor in inputs}
        fresh = [tensor for tensor in tensors_in(result) if address(tensor) not in known]
        self.made |= {address(tensor) for tensor in fresh}
        self.calls.append((func, call, list(map(Place, fresh))))
        return result


class ImitatedGraph:
    """In the place of `graphs.CUDAGraph`."""

    def __init__(self, device: torch.device) -> None:
        assert device.type == "cpu"
        self.on_host: set[int] = set()
        self.num_replays = 0

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        yield

    def capture(self, function: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        random = torch.get_rng_state()
        self.recorder = Recorder(self.on_host)
        with self.recorder:
            metrics = function()
        for whole, contents in self.recorder.before.values():
            whole.copy_(contents)
        torch.set_rng_state(random)
        for value in metrics.values():
            value.detach().fill_(float("nan"))  # a capture has computed nothing
        return metrics

    def replay(self) -> None:
        self.num_replays += 1
        # What autocast casts is cast by operators of its own, which were written down.
        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            for func, call, fresh in self.recorder.calls:
                args, kwargs = tree_map_only(Place, Place.__call__, call)
                result = func(*args, **kwargs)
                known = {address(tensor) for tensor in tensors_in(args, kwargs)}
                again = [tensor for tensor in tensors_in(result) if address(tensor) not in known]
                for ours, new in zip(fresh, again, strict=True):
                    ours().copy_(new)


def unchecked_one_hot(labels: Tensor, num_classes: int) -> Tensor:
    empty = labels.new_zeros(*labels.shape, num_classes)
    return empty.scatter_(-1, labels.unsqueeze(-1), 1)


@pytest.fixture
def imitated(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let `fit` make graphs on the CPU as it does on a GPU; returns the steps that it makes.

    What asks for the kind of device sees a GPU: the HMM's masks, and `one_hot`, which checks its labels
    on a CPU only. Rates are float64, as the Python numbers are that the CPU's optimizers compute with.
    """
    made: list[GraphedStep] = []

    class Imitated(GraphedStep):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            graph: Any = self._graph
            if graph is not None:
                graph.on_host = {address(count) for count in self._counts}
            made.append(self)

    monkeypatch.setattr(graphs, "why_not", lambda device, num_processes: None)
    monkeypatch.setattr(graphs, "CUDAGraph", ImitatedGraph)
    monkeypatch.setattr(graphs, "RATE_DTYPE", torch.float64)
    monkeypatch.setattr(loop, "GraphedStep", Imitated)
    monkeypatch.setattr(torch.nn.functional, "one_hot", unchecked_one_hot)
    monkeypatch.setattr("torchcamp.models.hmm.some_end_early", lambda symbols, lengths: True)
    return made
