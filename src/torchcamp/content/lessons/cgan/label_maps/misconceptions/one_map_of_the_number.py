"""You made one map that holds the class's number.

Then a nine is nine times as bright as a one. A map for each class.

Caught by: check_shape. Catalogue: Q4.
"""

import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = rows.argmax(dim=1)[:, None, None, None].float().expand(-1, 1, height, width)
    return torch.cat([images, maps], dim=1)
