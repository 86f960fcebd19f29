"""You answered for `torch.Tensor(3)`.

With a capital T it is a class: it makes **room** for three numbers and leaves in it whatever was
there. `torch.tensor(3)` copies the value 3: one number, without axes, of shape `()`.

Caught by: check_made_from. Catalogue: T4.
"""

from itertools import zip_longest
from math import prod
from typing import Any

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    return (
        (len(value), *(made_from(value[0]) if isinstance(value[0], list) else ()))
        if isinstance(value, list)
        else ((value,) if isinstance(value, int) else ())
    )


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
        if one != other and 1 not in (one, other):
            return None
        result.append(other if one == 1 else one)
    return tuple(reversed(result))
