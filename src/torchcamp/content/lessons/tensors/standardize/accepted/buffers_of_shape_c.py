import torch
from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("statistics", torch.stack([mean, std]))

    def forward(self, images: Tensor) -> Tensor:
        mean, std = self.statistics[:, None, :, None, None]
        if images.shape[1] != mean.shape[1]:
            raise ValueError("another number of channels")
        return images.sub(mean).div(std)
