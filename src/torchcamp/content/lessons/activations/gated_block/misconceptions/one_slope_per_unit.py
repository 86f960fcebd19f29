"""You learn a slope for every unit.

`nn.PReLU(width)` has one slope per channel; the plan has one for each layer, which is `nn.PReLU()`. With
few units it matters little, with many it is that many more numbers to learn.

Caught by: check_numbers_to_learn.
"""

import torch
from torch import Tensor, nn


class Gated(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.prelu1 = nn.PReLU(width)
        self.prelu2 = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        h = self.prelu1(self.first(x))
        h = self.prelu2(self.second(h))
        gate = torch.sigmoid(self.gate(x))
        return h * (1 + gate)
