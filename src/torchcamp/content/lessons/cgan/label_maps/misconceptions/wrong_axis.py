"""Your maps belong to other pictures.

The rows of the batch were turned around: the i-th label belongs to the i-th picture.

Caught by: check_maps.
"""

import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = rows.flip(0)[:, :, None, None].expand(-1, -1, height, width)
    return torch.cat([images, maps], dim=1)
