"""`super().__init__()` is missing.

It makes the dictionaries in which `nn.Module` registers layers. Without it the first assignment
of a layer is refused. It must be the first line of `__init__`.

Caught by: check_can_be_called. Catalogue: T10.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
