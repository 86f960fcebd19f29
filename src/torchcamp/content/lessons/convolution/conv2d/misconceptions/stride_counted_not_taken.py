"""Your output has the size for the stride, but the window still moves by one pixel.

The output at (i, j) looks at the window that begins at row i * stride and column j * stride.

Caught by: check_stride. Catalogue: V7.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    kh, kw = weight.shape[2], weight.shape[3]
    rows, columns = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    out = torch.zeros(len(x), len(weight), rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i : i + kh, j : j + kw]
            out[:, :, i, j] = torch.einsum("bckl,ockl->bo", window, weight) + bias
    return out
