"""`__init__` has two underscores on each side.

Under another name, such as `_init_`, it is a method that nobody calls: the class keeps the
constructor of `nn.Module`, which takes no width.

Caught by: check_can_be_called. Catalogue: T10.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def _init_(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
