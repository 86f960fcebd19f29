import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(images.float() / 255, generator=generator)
