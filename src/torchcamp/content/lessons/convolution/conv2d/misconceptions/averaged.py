"""You averaged over the window.

The formula sums. The filter's numbers are learnt, so they find their own scale.

Caught by: check_one_window. Catalogue: V14.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    out = out / (kh * kw)
    return out + bias.view(1, -1, 1, 1)
