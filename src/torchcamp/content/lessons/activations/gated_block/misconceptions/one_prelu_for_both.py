"""Both layers use the same PReLU.

An `nn.ReLU()` can be shared, because it holds nothing. A PReLU holds a slope, and batch norm
holds statistics: used twice, both places are forced to the same numbers, and both write to them.

Caught by: check_numbers_to_learn. Catalogue: A9.
"""

import torch
from torch import Tensor, nn


class Gated(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.prelu1 = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        h = self.prelu1(self.first(x))
        h = self.prelu1(self.second(h))
        gate = torch.sigmoid(self.gate(x))
        return h * (1 + gate)
