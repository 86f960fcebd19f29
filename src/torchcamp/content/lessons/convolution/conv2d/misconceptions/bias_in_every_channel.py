"""You added the bias once per input channel, or per number of the window.

It is added once, to the finished sum.

Caught by: check_bias. Catalogue: V12.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    return out + kh * kw * bias.view(1, -1, 1, 1)
