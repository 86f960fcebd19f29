"""Tensors of which each process holds some rows, beside ordinary ones: torch's `DTensor`.

torch.distributed.tensor takes long to import, and where nothing has imported it, nothing is sharded.
"""

import sys
from typing import Any

from torch import Tensor


def is_sharded(value: Any) -> bool:
    """Whether `value` is a tensor of which each process holds a part."""
    tensors = sys.modules.get("torch.distributed.tensor")
    return tensors is not None and isinstance(value, tensors.DTensor)


def whole(tensor: Any) -> Tensor:
    """All of a tensor, on every process; all must ask."""
    return tensor.full_tensor() if is_sharded(tensor) else tensor


def own_part(tensor: Any) -> Tensor:
    """The rows of a tensor that this process holds, as a view."""
    return tensor.to_local() if is_sharded(tensor) else tensor


def placed_like(tensor: Tensor, other: Any) -> Tensor:
    """This process's part of `tensor`, which is the same on all, if `other` is sharded; else all."""
    if not is_sharded(other):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(tensor, other.device_mesh, other.placements, src_data_rank=None)
