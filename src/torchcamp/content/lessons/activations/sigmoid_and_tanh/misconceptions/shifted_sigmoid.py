"""Your tanh runs from -0.5 to 0.5.

You moved sigmoid down and did not stretch it. From (0, 1) to (-1, 1) it takes both: times 2,
minus 1.

Caught by: check_tanh.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-2 * x)) - 0.5
