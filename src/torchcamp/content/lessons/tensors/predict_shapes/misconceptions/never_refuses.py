"""You took the larger size wherever two differ.

3 against 4 does not fit: neither is 1, and nothing says which three of the four to use. PyTorch
refuses.

Caught by: check_broadcast_refuses.
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
    result = []
    for one, other in zip_longest(reversed(a), reversed(b), fillvalue=1):
        result.append(max(one, other))
    return tuple(reversed(result))
