"""You added a small number inside the logarithm.

At a logit of -120 the gradient is then 0: the worse the fake, the less G hears of it.

Caught by: check_far. Catalogue: D10, C8.
"""

import torch
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    return -(torch.sigmoid(fake_logits) + 1e-8).log().mean()
