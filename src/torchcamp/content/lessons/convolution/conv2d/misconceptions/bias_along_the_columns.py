"""You added the bias along the columns of the picture.

`(OC,)` is aligned with the last axis, the width; where the two are equal no error is raised.
There is one bias per filter: `bias.view(1, -1, 1, 1)`.

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
    return out + (bias if bias.numel() == out.shape[3] else bias.view(1, -1, 1, 1))
