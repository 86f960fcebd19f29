"""You used σ where σ² belongs.

exp(logvar) is the variance already; exp(logvar / 2) is the standard deviation.

Caught by: check_variance. Catalogue: K7.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (1 + logvar - mu.square() - (0.5 * logvar).exp()).sum(dim=1)
