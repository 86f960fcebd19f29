"""Your sigmoid falls.

Without the minus in the exponent it is sigmoid(-x). For large x the answer has to approach 1.

Caught by: check_sigmoid.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(x))


def tanh(x: Tensor) -> Tensor:
    return 2 / (1 + torch.exp(-2 * x)) - 1
