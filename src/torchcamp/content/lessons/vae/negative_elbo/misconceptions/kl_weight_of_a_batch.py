"""You divided the KL by the number of pixels.

A weight on the KL has a name (β), and is chosen on purpose. Here both terms are in nats, and
their sum bounds log p: no weight at all.

Caught by: check_both. Catalogue: K15.
"""

import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (pixels.sum(dim=1) + kl / x.shape[1]).mean()
