"""Your maps come before the picture.

Channel 0 is the picture here.

Caught by: check_picture.
"""

import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = rows[:, :, None, None].expand(-1, -1, height, width)
    return torch.cat([maps, images], dim=1)
