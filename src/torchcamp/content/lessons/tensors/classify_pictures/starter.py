import torch
from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    """Pictures (N, H, W), uint8, to logits (N, K).

    Args:
        network: takes (N, 1, H, W) of its own device and dtype, in 0 to 1.
        images: N grey pictures, on the CPU.
    """
    # TODO: move, scale, add the axis, call the network
    raise NotImplementedError
