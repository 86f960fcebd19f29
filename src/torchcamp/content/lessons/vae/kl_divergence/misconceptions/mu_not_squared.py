"""You subtract mu, not its square.

A mean of -2 is as far from 0 as one of 2.

Caught by: check_mean. Catalogue: K5.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (1 + logvar - mu - logvar.exp()).sum(dim=1)
