import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    """Pictures (num_classes, num_columns, X), without gradients.

    Args:
        generator: noise (B, Z) and labels (B,) to (B, X). z: (num_columns, Z).
    """
    # TODO: the noise and the labels of the table
    raise NotImplementedError
