"""Batch norm over the whole batch where several processes have a part of it each.

torch's own `SyncBatchNorm` computes on GPUs only. Here mean and variance are those of all parts, by two
reductions forward and two backward, on any device.
"""

from collections.abc import Mapping
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from torchcamp.base.errors import RunError
from torchcamp.training.checkpoint import modules
from torchcamp.training.distributed import ranks, talking

KINDS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class _Total(torch.autograd.Function):
    """A sum over all processes.

    A process's loss is a mean over its part of the batch, so its gradients count by its share of it.
    The slope with respect to this process's term is that of the whole batch's loss, divided by the share
    with which the gradients of its weights will be multiplied.
    """

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, share: float) -> Tensor:
        ctx.share = share
        total = tensor.contiguous().clone()
        with talking():
            dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Any:
        return _Total.apply(slopes[0] * ctx.share, ctx.share) / ctx.share, None


class _Synchronised:
    """Mixed into a batch norm: while training, it normalises by all processes' batch."""

    def forward(self: Any, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)  # type: ignore[misc]
        self._check_input_dim(x)
        share, channels = ranks().share, x.shape[1]
        shape = [1, channels] + [1] * (x.dim() - 2)
        dims = [dim for dim in range(x.dim()) if dim != 1]
        values = x.to(torch.promote_types(x.dtype, torch.float32))
        sums = torch.cat([values.sum(dims), values.new_tensor([x.numel() / channels])])
        sums = _total(sums, share)
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean.view(shape)
        variance = _total(centred.square().sum(dims), share) / count
        self._follow(mean.detach(), variance.detach() * (count / (count - 1)))
        y = centred * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            y = y * self.weight.view(shape) + self.bias.view(shape)
        return y.to(x.dtype)

    def _follow(self: Any, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics, as batch norm does."""
        if not self.track_running_stats:
            return
        self.num_batches_tracked.add_(1)
        momentum = self.momentum
        if momentum is None:
            momentum = 1 / self.num_batches_tracked.to(mean.dtype)
        for running, now in ((self.running_mean, mean), (self.running_var, variance)):
            running.lerp_(now.to(running.dtype), momentum)


def _total(tensor: Tensor, share: float) -> Tensor:
    return _Total.apply(tensor, share)  # pyright: ignore[reportReturnType]


def synchronise(state: Mapping[str, Any]) -> None:
    """Let the batch norms of all networks in `state` normalise over all processes' parts of a batch.

    Raises:
        RunError: there are none.
    """
    found = [
        part
        for network in modules(state)
        for part in network.modules()
        if isinstance(part, KINDS) and not isinstance(part, _Synchronised)
    ]
    if not found:
        raise RunError("this network has no batch norm: leave --sync-batch-norm out")
    for part in found:
        kind: Any = type(part)
        part.__class__ = type(f"Synchronised{kind.__name__}", (_Synchronised, kind), {})
