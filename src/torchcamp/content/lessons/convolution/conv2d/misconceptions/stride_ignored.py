"""You ignored the stride.

With stride 2 the filter stops at every second place, so the output has about half the rows and
columns.

Caught by: check_stride. Catalogue: V7.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, 1).unfold(3, kw, 1)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    return out + bias.view(1, -1, 1, 1)
