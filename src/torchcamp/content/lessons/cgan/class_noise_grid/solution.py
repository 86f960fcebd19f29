import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    """Pictures (num_classes, num_columns, X), without gradients.

    Args:
        generator: noise (B, Z) and labels (B,) to (B, X). z: (num_columns, Z).
    """
    labels = torch.arange(num_classes).repeat_interleave(len(z))
    with torch.no_grad():
        images = generator(z.repeat(num_classes, 1), labels)
    return images.view(num_classes, len(z), -1)
