"""You make the layers in `forward`.

Then each call draws new random weights, uses them once and throws them away. Nothing can be
learnt. Make layers in `__init__`, use them in `forward`.

Caught by: check_parameters. Catalogue: T9.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.width, self.num_layers = width, num_layers

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.num_layers):
            x = F.relu(nn.Linear(self.width, self.width)(x))
        return x
