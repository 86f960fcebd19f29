"""You used the first input channel only.

A filter has a layer for each input channel: in a colour picture, for red, green and blue. All of
them are summed.

Caught by: check_channels. Catalogue: V13.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bhwkl,okl->bohw", windows[:, 0], weight[:, 0])
    return out + bias.view(1, -1, 1, 1)
