"""Your gate looks at h.

It is to decide from the input: `self.gate(x)`.

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
        gate = torch.sigmoid(self.gate(h))
        return h * (1 + gate)
