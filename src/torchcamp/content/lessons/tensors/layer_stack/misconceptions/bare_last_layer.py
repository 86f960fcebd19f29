"""Your last layer has no ReLU.

Networks often end that way, on logits. This stack is to be a hidden part of one: ReLU behind
**each** layer.

Caught by: check_relu.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x) if layer is self.layers[-1] else F.relu(layer(x))
        return x
