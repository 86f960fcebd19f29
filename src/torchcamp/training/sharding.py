"""Weights, gradients and the optimizer's state shared out among processes: torch's `fully_shard`.

Each process holds its rows of every tensor. A block's weights are put together just before it computes,
forward and backward, and fall apart behind it; gradients are added up and shared out in one go. So a
process needs memory for its part of everything and for one whole block.

What is imported here is slow to import, so this module is, too, where it is needed.
"""

import functools
import gc
import inspect
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import Shard, distribute_tensor
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from torchcamp.base.errors import RunError, UserError, first_line
from torchcamp.training.checkpoint import modules
from torchcamp.training.sharded_tensors import is_sharded, whole

LEAVE_OUT = "leave --shard out"
PLACEMENT = [Shard(0)]  # rows, of everything: checkpoints rely on it


class Trained(Protocol):
    """What of a `loop.Training` is sharded; see there."""

    step: Any
    state: dict[str, Any]
    split: Any


def require_shardable(training: Trained) -> None:
    """Refuse a training whose step is not that of one network and one optimizer.

    Raises:
        RunError: it is not.
    """
    optimizers = [value for value in training.state.values() if isinstance(value, Optimizer)]
    reason = None
    if training.split:
        reason = "this recipe's step adds up statistics over chains"
    elif not optimizers:
        reason = "this recipe's step has no optimizer"
    elif len(optimizers) > 1:
        reason = f"this recipe trains {len(optimizers)} networks against each other"
    if reason:
        raise RunError(
            f"--shard needs a step of one network, by backward() and one optimizer; {reason}: {LEAVE_OUT}"
        )


class Shards:
    """A training whose networks and optimizer are shared out among the processes of a group.

    Args:
        training: its networks' parameters are replaced, in the optimizer too, and its step is wrapped.
        num_processes: in the group.
        share: this process's share of the current batch, as `distributed.Ranks.share`.

    Raises:
        RunError: the training holds on to weights by other ways than its networks and optimizer.
    """

    def __init__(
        self, training: Trained, num_processes: int, share: Callable[[], float], lost: "Lost"
    ) -> None:
        self.lost = lost
        roots = list(dict.fromkeys(map(_evaluated, modules(training.state))))
        device = next(parameter.device for root in roots for parameter in root.parameters())
        self.mesh = init_device_mesh(device.type, (num_processes,))
        reduction = _Reduction(share)
        self.sharded: list[FSDPModule] = []
        kept: list[tuple[str, weakref.ref[nn.Parameter]]] = []
        for root in roots:
            names = dict(root.named_parameters())
            kept += [(n, weakref.ref(p)) for n, p in names.items() if p.dim()]
            self._shard(root, reduction)
            after = dict(root.named_parameters())
            _replace(training.state, {p: after[name] for name, p in names.items()})
            del names, after
        _place_best_weights(training.state)
        gc.collect()  # whole weights that are still there are somebody else's
        for name, parameter in kept:
            if parameter() is not None:
                raise RunError(
                    "--shard replaces a network's parameters, but this recipe holds on to "
                    f"{name} by itself, outside of network and optimizer: {LEAVE_OUT}"
                )
        training.step = self._guarded(training.step)

    def _shard(self, root: nn.Module, reduction: Any) -> None:
        for parameter in root.parameters():
            parameter.data = parameter.data.contiguous()  # FSDP takes no other memory layout
        # A scalar has no rows to share out: each process keeps it, as without sharding.
        scalars = {parameter for parameter in root.parameters() if not parameter.dim()}
        for module in [*blocks(root), root]:
            sharded = fully_shard(
                module,
                mesh=self.mesh,
                reshard_after_forward=True,
                ignored_params=scalars,
            )
            sharded.set_gradient_divide_factor(1.0)  # the shares of a batch are weights already
            sharded.set_force_sum_reduction_for_comms(True)
            sharded.set_custom_reduce_scatter(reduction)
            self.sharded.append(sharded)
        for name in _methods(root):
            _compute_whole(root, name)

    def _guarded(self, step: Callable[[Any], dict[str, Tensor]]) -> Any:
        """`step` with whole metrics; what fails in the first is told as what sharding cannot do."""
        done = 0

        def guarded(batch: Any) -> dict[str, Tensor]:
            nonlocal done
            try:
                metrics = {name: whole(value.detach()) for name, value in step(batch).items()}
            except UserError:
                raise
            except Exception as error:
                if isinstance(error, dist.DistError) or "gloo" in str(error):
                    raise self.lost(error) from error
                if done:
                    raise
                raise RunError(
                    "this recipe's step cannot compute with sharded weights "
                    f"({first_line(error)}): {LEAVE_OUT}"
                ) from error
            done += 1
            return metrics

        return guarded

    def assemble(self, *, here: bool) -> None:
        """Put all weights together, so that a process may compute alone; where not `here`, drop them."""
        for module in self.sharded:
            module.unshard()
            if here:
                module.set_reshard_after_forward(False, recurse=False)
            else:
                module.reshard()

    def disassemble(self) -> None:
        """Undo `assemble`."""
        for module in self.sharded:
            module.reshard()
            module.set_reshard_after_forward(True, recurse=False)

    def weights(self, network: nn.Module, *, here: bool) -> dict[str, Tensor]:
        """The whole state dict of `network`, on the CPU, where `here`; elsewhere it is empty."""
        found = {}
        for name, value in network.state_dict().items():
            tensor = whole(value.detach())
            if here:
                found[name] = tensor.cpu()
        return found


Lost = Callable[[Exception], Exception]


def blocks(network: nn.Module) -> list[nn.Module]:
    """The parts of `network` that repeat: what stands in an `nn.Sequential` or `nn.ModuleList` and has
    parts of its own, such as the blocks of a residual network or the layers of a transformer.

    Of blocks within blocks the outer ones; none where a parameter belongs to two of them.
    """
    found: list[nn.Module] = []
    inner: set[nn.Module] = set()
    for sequence in network.modules():
        if not isinstance(sequence, nn.Sequential | nn.ModuleList):
            continue
        for part in sequence:
            has_parts = any(True for _ in part.children()) and any(True for _ in part.parameters())
            if has_parts and part not in inner and not isinstance(part, nn.ModuleList):
                found.append(part)
                inner.update(part.modules())
    uses = Counter(p for block in found for p in set(block.parameters()))
    outside = [
        p
        for module in network.modules()
        if module not in inner
        for p in module.parameters(recurse=False)
    ]
    uses.update(set(outside))
    return found if max(uses.values(), default=1) == 1 else []


class _Reduction:
    """FSDP's reduction of gradients, in which each process counts by its share of the batch."""

    def __init__(self, share: Callable[[], float]) -> None:
        self.share = share

    def allocate(self, size: Iterable[int], *, dtype: torch.dtype, device: torch.device) -> Tensor:
        return torch.empty(*size, dtype=dtype, device=device)

    def __call__(
        self,
        output_tensor: Tensor,
        input_tensor: Tensor,
        group: dist.ProcessGroup,
        op: Any,
        async_op: bool = False,
    ) -> Any:
        input_tensor.mul_(self.share())
        return dist.reduce_scatter_single(
            output_tensor, input_tensor, op=op, group=group, async_op=async_op
        )


def _evaluated(network: nn.Module) -> nn.Module:
    """The network that is called: of an average, the one inside."""
    return network.module if isinstance(network, AveragedModel) else network


def _methods(network: nn.Module) -> Iterator[str]:
    """The public methods that a network's own classes define beside `forward`."""
    known = set(dir(nn.Module)) | set(dir(FSDPModule)) | {"forward"}
    for name in dir(type(network)):
        is_method = inspect.isfunction(inspect.getattr_static(type(network), name))
        if is_method and not name.startswith("_") and name not in known:
            yield name


def _compute_whole(network: nn.Module, name: str) -> None:
    """Let a method compute with whole weights, as `forward` does; also where one calls the other."""
    plain = getattr(network, name)
    register_fsdp_forward_method(network, name)
    assembling = getattr(network, name)

    @functools.wraps(plain)
    def method(*args: Any, **kwargs: Any) -> Any:
        sharded = any(map(is_sharded, _own_parameters(network)))
        return (assembling if sharded else plain)(*args, **kwargs)

    setattr(network, name, method)


def _own_parameters(network: nn.Module) -> Iterator[Tensor]:
    """The parameters of `network` that belong to none of its sharded parts."""
    yield from network.parameters(recurse=False)
    for part in network.children():
        if not isinstance(part, FSDPModule):
            yield from _own_parameters(part)


def _replace(state: Mapping[str, Any], by: Mapping[Any, nn.Parameter]) -> None:
    """Give the optimizers the new parameters for the old, and their state the new ones' placement."""
    for optimizer in state.values():
        if not isinstance(optimizer, Optimizer):
            continue
        for group in optimizer.param_groups:
            group["params"] = [by.get(parameter, parameter) for parameter in group["params"]]
            if isinstance(optimizer, torch.optim.SGD):
                group["fused"] = (
                    False  # of all optimizers, torch's fused SGD takes no sharded tensors
                )
        for old in [each for each in optimizer.state if each in by]:
            new, values = by[old], optimizer.state.pop(old)
            optimizer.state[new] = {
                name: _placed(value, new) if _has_shape(value, new) else value
                for name, value in values.items()
            }


def _has_shape(value: Any, parameter: Tensor) -> bool:
    return isinstance(value, Tensor) and value.shape == parameter.shape


def _placed(value: Tensor, parameter: Any) -> Tensor:
    if not is_sharded(parameter) or is_sharded(value):
        return value
    return distribute_tensor(value, parameter.device_mesh, PLACEMENT, src_data_rank=None)


def _place_best_weights(state: Mapping[str, Any]) -> None:
    """Those that an `EarlyStopping` keeps, as a checkpoint of whole weights gave them."""
    for value in state.values():
        best = getattr(value, "best_weights", None)
        if best:
            now = value.network.state_dict()
            value.best_weights = {name: _placed(each, now[name]) for name, each in best.items()}
