"""You computed KL(p‖q), from the prior to the encoder's Gaussian.

It is another number: divergences are not symmetric. The ELBO has KL(q‖p), the expectation under
what the encoder says.

Caught by: check_mean. Catalogue: K8.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return 0.5 * (logvar - 1 + (1 + mu.square() * 2) * (-logvar).exp()).sum(dim=1)
