"""Your tanh is too flat: it is tanh(x / 2).

2 sigmoid(x) - 1 = tanh(x / 2), as the lecture's third form says. For tanh(x), give sigmoid 2x.

Caught by: check_tanh.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    return 2 / (1 + torch.exp(-x)) - 1
