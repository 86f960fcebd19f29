"""Your logarithm breaks far out.

sigmoid(-120) is 0 in 32 bits, and log 0 is -inf. `F.softplus(-logit)` is the same without the
break.

Caught by: check_far. Catalogue: D10.
"""

import torch
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    return -torch.sigmoid(fake_logits).log().mean()
