"""You repeated the rows and viewed them as maps.

`view` reads the repeated numbers on in their order, so each map holds pieces of all classes.
Give the rows two axes of size 1 and **expand** them.

Caught by: check_maps. Catalogue: Q9.
"""

import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = rows.repeat(1, height * width).view(len(rows), -1, height, width)
    return torch.cat([images, maps], dim=1)
