import torch
from torch import Tensor, nn


def interpolate(a: Tensor, b: Tensor, num_steps: int) -> Tensor:
    """Codes (num_steps, Z) from a to b, both (Z,), ends included."""
    # TODO: equal steps, ends included
    raise NotImplementedError


def reconstruct(encoder: nn.Module, decoder: nn.Module, x: Tensor) -> Tensor:
    """Probabilities of the pixels (B, X) from the mean of each picture's code."""
    # TODO: encode, take the mean, decode
    raise NotImplementedError
