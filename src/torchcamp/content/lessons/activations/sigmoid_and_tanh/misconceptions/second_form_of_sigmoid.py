"""You used e^x / (e^x + 1).

It is right on paper. At x = 89 e^x is infinite in float32, and infinity by infinity is nan. In 1
/ (1 + e^-x) the infinity, if it comes, stands below the line, and the result is 0.

Caught by: check_sigmoid_far_out. Catalogue: A2.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return torch.exp(x) / (torch.exp(x) + 1)


def tanh(x: Tensor) -> Tensor:
    return 2 / (1 + torch.exp(-2 * x)) - 1
