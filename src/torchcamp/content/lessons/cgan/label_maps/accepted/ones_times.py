import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    return torch.cat([images, torch.ones_like(images) * rows.unflatten(1, (-1, 1, 1))], 1)
