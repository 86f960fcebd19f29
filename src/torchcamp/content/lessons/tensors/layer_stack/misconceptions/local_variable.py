"""Your layers are a local variable of `__init__`.

When `__init__` returns, they are gone. Only what is assigned to `self` stays, and is registered.

Caught by: check_can_be_called. Catalogue: T10.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
