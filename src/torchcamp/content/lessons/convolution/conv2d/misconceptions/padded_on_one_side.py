"""You padded on the left and at the top only.

`padding=1` means one zero on **every** side: the picture grows by two rows and two columns.
`F.pad` takes (left, right, top, bottom).

Caught by: check_padding. Catalogue: V2.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, 0, padding, 0))
    kh, kw = weight.shape[2], weight.shape[3]
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (B, IC, OH, OW, KH, KW)
    out = torch.einsum("bihwkl,oikl->bohw", windows, weight)
    return out + bias.view(1, -1, 1, 1)
