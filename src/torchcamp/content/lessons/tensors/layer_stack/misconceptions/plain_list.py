"""Your layers are in a plain Python list.

`nn.Module` notices attributes that are modules or parameters; it does not look into lists. So
`parameters()` is empty, the optimizer never touches these layers, and `.to(...)` leaves them
behind. `nn.ModuleList` is the list that it looks into.

Caught by: check_parameters. Catalogue: T8.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = [nn.Linear(width, width) for _ in range(num_layers)]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
