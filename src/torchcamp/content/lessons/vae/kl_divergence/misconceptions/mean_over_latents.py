"""You took the mean over the latents.

The latents are independent, so their divergences add up. With the mean the prior counts Z times
too little beside a reconstruction that sums over its pixels.

Caught by: check_mean. Catalogue: K2.
"""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).mean(dim=1)
