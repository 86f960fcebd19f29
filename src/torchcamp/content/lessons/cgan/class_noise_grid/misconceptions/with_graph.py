"""Your pictures hold the generator's graph.

Nothing is trained on them: `torch.no_grad()`.

Caught by: check_call.
"""

import torch
from torch import Tensor, nn


def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    labels = torch.arange(num_classes).repeat_interleave(len(z))
    images = generator(z.repeat(num_classes, 1), labels)
    return images.view(num_classes, len(z), -1)
