"""You kept only the axis that was named.

`mean(dim=1)` averages **over** axis 1: that one disappears, the others stay.

Caught by: check_mean.
"""

from itertools import zip_longest
from math import prod
from typing import Any

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    return (len(value), *made_from(value[0])) if isinstance(value, list) else ()


def mean_shape(shape: Shape, dim: int) -> Shape:
    dim = dim % len(shape)
    return (shape[dim],)


def flatten_shape(shape: Shape, start_dim: int) -> Shape:
    return (*shape[:start_dim], prod(shape[start_dim:]))


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    return tuple(shape[dim] for dim in dims)


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
