import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    """The likeliest class of one picture (C, H, W), and its probability."""
    # TODO: a batch of one, in eval mode
    raise NotImplementedError
