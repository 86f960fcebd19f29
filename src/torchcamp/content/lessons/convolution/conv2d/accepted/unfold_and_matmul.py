import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    columns = F.unfold(x, weight.shape[2:], padding=padding, stride=stride)
    out = weight.flatten(1) @ columns + bias[:, None]
    rows = (x.shape[2] + 2 * padding - weight.shape[2]) // stride + 1
    return out.view(len(x), len(weight), rows, -1)
