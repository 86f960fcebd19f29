"""You used sigmoid where log(1 + e^x) belongs.

sigmoid is the probability that the unit is on. What summing it out leaves behind is 1 + e^pull,
one for off, e^pull for on, and the logarithm of it is softplus; sigmoid is its slope.

Caught by: check_visible_term. Catalogue: B3.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias - F.sigmoid(pull).sum(dim=1)
