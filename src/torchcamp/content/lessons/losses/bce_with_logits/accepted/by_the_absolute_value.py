import torch
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    z, y = logits, target
    return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()
