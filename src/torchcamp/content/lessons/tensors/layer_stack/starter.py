import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Stack(nn.Module):
    """`num_layers` times linear and ReLU, (B, width) to (B, width)."""

    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        # TODO: make the layers
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        # TODO: send x through each of them
        raise NotImplementedError
