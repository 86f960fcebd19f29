"""You joined two axes and left the rest.

`flatten(start_dim)` joins **all** axes from start_dim to the last.

Caught by: check_flatten.
"""

from itertools import zip_longest
from math import prod
from typing import Any

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    return (len(value), *made_from(value[0])) if isinstance(value, list) else ()


def mean_shape(shape: Shape, dim: int) -> Shape:
    dim = dim % len(shape)
    return shape[:dim] + shape[dim + 1 :]


def flatten_shape(shape: Shape, start_dim: int) -> Shape:
    return (*shape[:start_dim], prod(shape[start_dim : start_dim + 2]), *shape[start_dim + 2 :])


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    return tuple(shape[dim] for dim in dims)


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
