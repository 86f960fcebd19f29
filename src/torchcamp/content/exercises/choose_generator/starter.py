import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    """Squared distance of the mean features of real and fake pictures.

    Args:
        judge: pictures to features (N, F).
    """
    # TODO: write it
    raise NotImplementedError


def choose(epochs: list[dict[str, float]]) -> float:
    """The epoch to keep."""
    # TODO: write it
    raise NotImplementedError
