"""Your noise stays the same along a row and changes down.

Repeated one by one (0 0 0 1 1 1) it goes with the classes. The noise is repeated as a whole: 0 1
2 0 1 2.

Caught by: check_columns. Catalogue: Q12.
"""

import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    labels = torch.arange(num_classes).repeat_interleave(len(z))
    with torch.no_grad():
        images = generator(z.repeat_interleave(num_classes, dim=0), labels)
    return images.view(num_classes, len(z), -1)
