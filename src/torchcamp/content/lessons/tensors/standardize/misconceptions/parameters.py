"""You made parameters of them.

Parameters are saved and moved, but the optimizer changes them: after the first step your mean
would no longer be the mean. What is measured is a buffer.

Caught by: check_nothing_to_learn.
"""

from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.mean = nn.Parameter(mean.view(-1, 1, 1))
        self.std = nn.Parameter(std.view(-1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[1] != len(self.mean):
            raise ValueError(f"{images.shape[1]} channels, {len(self.mean)} means")
        return (images - self.mean) / self.std
