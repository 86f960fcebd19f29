"""You treated logvar as the variance itself.

The encoder's second output can be negative, which no variance can: it is the logarithm.

Caught by: check_at_the_prior. Catalogue: K9.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (1 + logvar.exp() - mu.square() - logvar.exp().exp()).sum(dim=1)
