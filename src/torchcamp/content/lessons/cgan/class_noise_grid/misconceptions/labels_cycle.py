"""Your classes go along the row.

Labels in reading order are 0 0 0 1 1 1: `repeat_interleave`.

Caught by: check_rows.
"""

import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    labels = torch.arange(num_classes).repeat(len(z))
    with torch.no_grad():
        images = generator(z.repeat(num_classes, 1), labels)
    return images.view(num_classes, len(z), -1)
