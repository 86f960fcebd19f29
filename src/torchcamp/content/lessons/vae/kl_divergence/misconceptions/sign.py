"""Your KL is negative.

A divergence is never below 0. With this sign the loss falls without end: the encoder flees from
the prior.

Caught by: check_mean. Catalogue: K1.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return 0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(dim=1)
