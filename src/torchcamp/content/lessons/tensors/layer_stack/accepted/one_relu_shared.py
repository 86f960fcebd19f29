"""ReLU holds no numbers, so one object may serve all layers.

Catalogue: A9.
"""

from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        for number in range(num_layers):
            self.add_module(f"layer{number}", nn.Linear(width, width))
        self.num_layers = num_layers

    def forward(self, x: Tensor) -> Tensor:
        for number in range(self.num_layers):
            x = self.relu(getattr(self, f"layer{number}")(x))
        return x
