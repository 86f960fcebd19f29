from itertools import zip_longest
from math import prod
from typing import Any

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    """Shape of `torch.tensor(value)`; value is a number or (nested) lists of equal length."""
    return (len(value), *made_from(value[0])) if isinstance(value, list) else ()


def mean_shape(shape: Shape, dim: int) -> Shape:
    """Shape of `x.mean(dim)`."""
    dim = dim % len(shape)
    return shape[:dim] + shape[dim + 1 :]


def flatten_shape(shape: Shape, start_dim: int) -> Shape:
    """Shape of `x.flatten(start_dim)`."""
    return (*shape[:start_dim], prod(shape[start_dim:]))


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    """Shape of `x.permute(dims)`."""
    return tuple(shape[dim] for dim in dims)


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    """Shape of the sum of tensors of shapes a and b, or None if they do not fit."""
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
