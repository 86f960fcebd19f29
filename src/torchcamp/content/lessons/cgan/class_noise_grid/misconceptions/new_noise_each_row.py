"""Each of your rows has noise of its own.

Then two pictures above each other differ in class **and** noise, and the table shows neither.
The same noise down each column.

Caught by: check_columns. Catalogue: Q12.
"""

import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    labels = torch.arange(num_classes).repeat_interleave(len(z))
    with torch.no_grad():
        images = generator(torch.randn(num_classes * len(z), z.shape[1]), labels)
    return images.view(num_classes, len(z), -1)
