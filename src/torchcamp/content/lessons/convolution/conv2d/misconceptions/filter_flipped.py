"""You turned the filter upside down and left to right.

That is the convolution of mathematics. PyTorch, like all of deep learning, slides the filter as
it is, which mathematicians call cross-correlation. With a symmetric filter nobody notices.

Caught by: check_one_window. Catalogue: V11.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    weight = weight.flip(2, 3)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    return out + bias.view(1, -1, 1, 1)
