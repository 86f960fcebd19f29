from torch import Tensor, nn


class Standardize(nn.Module):
    """(x - mean) / std per channel; pictures (B, C, H, W) to the same shape.

    Raises ValueError for pictures with another number of channels.
    """

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1))
        self.register_buffer("std", std.view(-1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[1] != len(self.mean):
            raise ValueError(f"{images.shape[1]} channels, {len(self.mean)} means")
        return (images - self.mean) / self.std
