import torch
from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL( N(mu, exp(logvar)) || N(0, I) ) in nats, (B,).

    Args:
        mu, logvar: (B, Z).
    """
    # TODO: one line
    raise NotImplementedError
