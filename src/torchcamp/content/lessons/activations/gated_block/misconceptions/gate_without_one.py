"""Your gate only closes.

sigmoid lies between 0 and 1, so it can only make h smaller. With the 1 in front it lies between
1 and 2: an open gate doubles.

Caught by: check_values.
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
        self.prelu2 = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        h = self.prelu1(self.first(x))
        h = self.prelu2(self.second(h))
        gate = torch.sigmoid(self.gate(x))
        return h * gate
