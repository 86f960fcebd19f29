"""You read `permute` the wrong way round.

`permute(0, 2, 3, 1)` says, for each new place, which old axis comes there: the last place gets
old axis 1. You sent old axis 1 to place 2.

Caught by: check_permute.
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
    return (*shape[:start_dim], prod(shape[start_dim:]))


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    return tuple(shape[dims.index(place)] for place in range(len(dims)))


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
