"""You stopped at the shorter shape.

Broadcasting pairs the axes from the right, and where one shape has none left it counts as 1: the
other's axes stay. `zip` ends with the shorter of the two.

Caught by: check_broadcast.
"""

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
    result = []
    for one, other in zip(reversed(a), reversed(b)):
        if one != other and 1 not in (one, other):
            return None
        result.append(max(one, other))
    return tuple(reversed(result))
