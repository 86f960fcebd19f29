from itertools import zip_longest
from math import prod
from typing import Any

Shape = tuple[int, ...]


def made_from(value: Any) -> Shape:
    """Shape of `torch.tensor(value)`; value is a number or (nested) lists of equal length."""
    # TODO: the rule
    raise NotImplementedError


def mean_shape(shape: Shape, dim: int) -> Shape:
    """Shape of `x.mean(dim)`."""
    # TODO: the rule
    raise NotImplementedError


def flatten_shape(shape: Shape, start_dim: int) -> Shape:
    """Shape of `x.flatten(start_dim)`."""
    # TODO: the rule
    raise NotImplementedError


def permute_shape(shape: Shape, dims: Shape) -> Shape:
    """Shape of `x.permute(dims)`."""
    # TODO: the rule
    raise NotImplementedError


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    """Shape of the sum of tensors of shapes a and b, or None if they do not fit."""
    # TODO: the rule
    raise NotImplementedError
