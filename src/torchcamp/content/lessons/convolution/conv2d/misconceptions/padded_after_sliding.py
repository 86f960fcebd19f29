"""You padded the output.

Its size is then right, and its rim is all zeros. The padding goes around the input, so that the
filter can look over the edge.

Caught by: check_padding.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    return F.pad(out + bias.view(1, -1, 1, 1), (padding, padding, padding, padding))
