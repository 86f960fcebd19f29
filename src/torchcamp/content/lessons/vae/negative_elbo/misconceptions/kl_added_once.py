"""You added the sum of the batch's KL to a mean.

Each picture has its own KL; the mean is taken of both terms alike.

Caught by: check_both.
"""

import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return pixels.sum(dim=1).mean() + kl.sum()
