"""You took the weight for (IC, OC, KH, KW).

The output channels come first: `weight[o]` is one whole filter, with a layer for each input
channel.

Caught by: check_channels. Catalogue: V10.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum(
        "bihwkl,iokl->bohw", windows, weight.reshape(weight.shape[1], weight.shape[0], kh, kw)
    )
    return out + bias.view(1, -1, 1, 1)
