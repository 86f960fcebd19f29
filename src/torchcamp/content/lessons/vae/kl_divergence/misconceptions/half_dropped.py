"""The ½ is missing.

Both terms of the loss are in nats only with it; without it the prior counts twice.

Caught by: check_mean. Catalogue: K6.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -1 * (1 + logvar - mu.square() - logvar.exp()).sum(dim=1)
