from typing import Any

import torch

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    return tuple(torch.tensor(value).shape)


def mean_shape(shape: Shape, dim: int) -> Shape:
    sizes = list(shape)
    del sizes[dim]
    return tuple(sizes)


def flatten_shape(shape: Shape, start_dim: int) -> Shape:
    last = 1
    for size in shape[start_dim:]:
        last *= size
    return (*shape[:start_dim], last)


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    return tuple(torch.empty(shape, device="meta").permute(dims).shape)


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(x != y and x != 1 and y != 1 for x, y in zip(a, b)):
        return None
    return tuple(max(x, y) for x, y in zip(a, b))
