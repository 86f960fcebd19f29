"""Your mean and std are plain attributes.

`.to(device)` and `.double()` move parameters and buffers; a tensor that is neither stays where
it was made, and on a GPU the first subtraction fails. It is missing from `state_dict()` too.
`register_buffer` registers it.

Caught by: check_moves. Catalogue: T7.
"""

from torch import Tensor, nn


class Standardize(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.mean = mean.view(-1, 1, 1)
        self.std = std.view(-1, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[1] != len(self.mean):
            raise ValueError(f"{images.shape[1]} channels, {len(self.mean)} means")
        return (images - self.mean) / self.std
