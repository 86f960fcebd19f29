import torch
from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return torch.stack([image[..., c] for c in range(image.shape[-1])]) / 255
