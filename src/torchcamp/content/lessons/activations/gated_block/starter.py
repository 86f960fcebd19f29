import torch
from torch import Tensor, nn


class Gated(nn.Module):
    """Two layers with learnt slopes and a gate, (B, width) to (B, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        # TODO: the activations that hold numbers

    def forward(self, x: Tensor) -> Tensor:
        # TODO: h, the gate, y
        raise NotImplementedError
