"""You read logvar as log σ.

Then exp(2 logvar) stands where exp(logvar) belongs. It is the logarithm of the **variance**.

Caught by: check_variance. Catalogue: K4.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (1 + 2 * logvar - mu.square() - (2 * logvar).exp()).sum(dim=1)
