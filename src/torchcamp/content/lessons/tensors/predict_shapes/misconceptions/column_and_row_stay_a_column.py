"""You expected `(8, 1)` and `(8,)` to make `(8, 1)`.

`(8,)` counts as `(1, 8)`, so both are stretched: to a table of 64, each with each. It raises
nothing. It is the most expensive line that runs: a loss of `(N, 1)` against `(N,)` compares
every prediction with every target.

Caught by: check_broadcast. Catalogue: T3.
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
    return tuple(shape[dim] for dim in dims)


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    if len(a) != len(b):
        return max(a, b, key=len)
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
