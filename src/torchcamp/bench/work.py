"""What one training step costs: its floating point operations, and the memory of its tensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from torchcamp.base.plain import tensors
from torchcamp.reading.flops import flops_of
from torchcamp.reading.memory import Memory
from torchcamp.training.checkpoint import capture


@dataclass(frozen=True, kw_only=True)
class Work:
    """One step.

    flops: by the convention of `torch.utils.flop_counter`: forward, backward and the optimizer's
        matrix products; None where some operation has no formula.
    peak_bytes: of all tensors at once, at the step's worst moment: weights, optimizer, averages,
        gradients, activations. What kernels use inside is not in it, nor the data set.
    """

    flops: int | None
    peak_bytes: int


def work_of(step: Callable[[], object], state: Mapping[str, Any]) -> Work:
    """Run `step` twice and count the second time, when the optimizer has everything that it keeps.

    Args:
        step: trains once; what it holds before the count is not counted, unless it is in `state`.
        state: the training's, see `training.loop.Training`.
    """
    step()
    kept = {tensor.untyped_storage().data_ptr(): tensor for tensor in tensors(capture(state))}
    with _Counting() as counting:
        counting.memory.hold(kept.values())
        step()
    at_rest = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    return Work(
        flops=None if counting.unknown else counting.flops,
        peak_bytes=at_rest + counting.memory.peak_bytes,
    )


class _Counting(TorchDispatchMode):
    """Adds up FLOPs and follows which new tensors are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self.unknown = False
        self.memory = Memory({}, lambda frame: None)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        flops = flops_of(func, args, kwargs or {}, out)
        self.unknown |= flops is None
        self.flops += flops or 0
        self.memory.remember(out, None)
        return out


def num_parameters(network: nn.Module) -> int:
    """How many numbers a network learns; those of an HMM, learned by counting, among them."""
    return sum(parameter.numel() for parameter in network.parameters())
