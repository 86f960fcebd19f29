"""Your means are lined up with the columns of the picture.

Shapes are aligned from the right: `(C,)` meets the last axis, the width. Here it does not fit;
where C happens to equal W it would fit, and be wrong. `view(-1, 1, 1)` puts the channels where
they belong.

Caught by: check_values.
"""

from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[1] != len(self.mean):
            raise ValueError(f"{images.shape[1]} channels, {len(self.mean)} means")
        return (images - self.mean) / self.std
