"""Your gate has no sigmoid.

Without it the gate is any number, and can turn h around. sigmoid keeps it between 0 and 1.

Caught by: check_values.
"""

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
        gate = self.gate(x)
        return h * (1 + gate)
