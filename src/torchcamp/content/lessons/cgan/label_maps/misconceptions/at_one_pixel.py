"""Your maps are 1 at one pixel only.

A filter elsewhere would not see the class. Everywhere.

Caught by: check_maps.
"""

import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = torch.nn.functional.pad(rows[:, :, None, None], (0, width - 1, 0, height - 1))
    return torch.cat([images, maps], dim=1)
