"""You changed the gate in place.

`gate += 1` writes into the tensor that sigmoid returned. Going backwards, sigmoid needs just
that output, finds other numbers, and PyTorch refuses: *modified by an inplace operation*. `1 +
gate` makes a new tensor.

Caught by: check_backward. Catalogue: A10.
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
        gate += 1
        return h * gate
