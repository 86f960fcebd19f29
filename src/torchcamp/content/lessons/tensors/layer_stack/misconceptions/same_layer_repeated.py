"""All your layers are the same one.

`[layer] * n` makes a list of n references to one object, so all positions share one set of
weights. Make a new layer for each place, in a loop or a comprehension.

Caught by: check_parameters. Catalogue: T11.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width)] * num_layers)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
