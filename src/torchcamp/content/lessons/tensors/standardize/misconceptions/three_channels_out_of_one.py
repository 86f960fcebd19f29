"""You let broadcasting decide what happens to pictures with another number of channels.

A grey picture `(1, H, W)` against three means becomes `(3, H, W)`: three pictures out of one,
without an error. This happens to everybody who copies a `Normalize` with three numbers to MNIST.
Compare the numbers first.

Caught by: check_other_channels. Catalogue: M20.
"""

from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1))
        self.register_buffer("std", std.view(-1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.std
