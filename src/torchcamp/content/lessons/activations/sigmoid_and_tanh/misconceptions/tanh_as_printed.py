"""You used tanh's formula as it stands.

At x = 100 both the numerator and the denominator are infinite: nan. Divide above and below by
e^x, and for every x one of the exponents is harmless: (1 - e^-2x) / (1 + e^-2x), or 2
sigmoid(2x) - 1.

Caught by: check_tanh_far_out. Catalogue: A2.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
