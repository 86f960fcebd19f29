"""You used ReLU, which has no slope below zero.

A fresh PReLU lets a quarter of the negative numbers through, and learns how much that should be.

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
        h = self.first(x).relu()
        h = self.second(h).relu()
        gate = torch.sigmoid(self.gate(x))
        return h * (1 + gate)
