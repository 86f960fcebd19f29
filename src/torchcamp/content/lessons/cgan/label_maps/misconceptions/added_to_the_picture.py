"""You added the label to the pixels.

Then picture and label cannot be told apart. Channels of their own: `torch.cat` along dim 1.

Caught by: check_shape.
"""

from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    height, width = images.shape[2:]
    maps = rows[:, :, None, None].expand(-1, -1, height, width)
    return images + maps
