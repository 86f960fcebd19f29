import torch
from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return torch.movedim(image, -1, 0).to(torch.float32) / 255.0
