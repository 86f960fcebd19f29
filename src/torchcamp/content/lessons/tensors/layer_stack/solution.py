import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    """`num_layers` times linear and ReLU, (B, width) to (B, width)."""

    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
