import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    """Squared distance of the mean features of real and fake pictures.

    Args:
        judge: pictures to features (N, F).
    """
    # TODO: means of the judge's features, then how far apart
    raise NotImplementedError


def choose(epochs: list[dict[str, float]]) -> float:
    """The epoch to keep."""
    # TODO: which of the measured epochs?
    raise NotImplementedError
