"""You make the tensors in `forward`, where they land on the CPU.

`torch.tensor(...)` and `torch.zeros(...)` know nothing of the device that the pictures are on.
Take it from them (`device=images.device`), or better, register the numbers once as buffers,
which are moved and saved.

Caught by: check_moves. Catalogue: T7.
"""

import torch
from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.numbers = mean.tolist(), std.tolist()

    def forward(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(each).view(-1, 1, 1) for each in self.numbers)
        if images.shape[1] != len(mean):
            raise ValueError("another number of channels")
        return ((images - mean) / std).float()
