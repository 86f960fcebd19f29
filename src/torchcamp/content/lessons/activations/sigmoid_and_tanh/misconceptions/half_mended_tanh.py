"""Your tanh survives on one side only.

(1 - e^-2x) / (1 + e^-2x) is fine for large x. For x = -100, e^-2x is infinite above and below
the line. Let it appear only below, 2 / (1 + e^-2x) - 1, or use |x| and put the sign back.

Caught by: check_tanh_far_out. Catalogue: A2.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    return (1 - torch.exp(-2 * x)) / (1 + torch.exp(-2 * x))
