"""You kept the buffers out of the checkpoint.

`persistent=False` is for what can be computed again. Without mean and std the saved network
would see other numbers than it was trained on.

Caught by: check_saved.
"""

from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1), persistent=False)
        self.register_buffer("std", std.view(-1, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[1] != len(self.mean):
            raise ValueError(f"{images.shape[1]} channels, {len(self.mean)} means")
        return (images - self.mean) / self.std
