"""You returned the ELBO itself.

It is to be raised; an optimizer goes down. The loss is its negative.

Caught by: check_worked.
"""

import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -(pixels.sum(dim=1) + kl).mean()
