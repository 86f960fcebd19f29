"""Your numerator multiplies the two exponentials.

e^x times e^-x is 1: what is left is even, 0.5 at zero. tanh is odd: tanh(-x) = -tanh(x), so it
is 0 at zero. A minus belongs between the two.

Caught by: check_tanh. Catalogue: A1.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    return 1 / (torch.exp(x) + torch.exp(-x))
