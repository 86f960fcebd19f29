"""Your KL is not 0 at the prior.

The 1 is missing: for mu = 0 and variance 1 the terms are 1 + 0 - 0 - 1.

Caught by: check_at_the_prior. Catalogue: K3.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (logvar - mu.square() - logvar.exp()).sum(dim=1)
