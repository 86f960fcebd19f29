"""You did not sum over the input channels.

Each filter looks at all channels at once and adds up what it finds, so it makes **one** map. You
made one for each channel and filter.

Caught by: check_channels. Catalogue: V13.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->boihw", windows, weight).flatten(1, 2)
    return out + bias.repeat_interleave(x.shape[1]).view(1, -1, 1, 1)
