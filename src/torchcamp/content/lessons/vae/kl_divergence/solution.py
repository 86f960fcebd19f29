from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL( N(mu, exp(logvar)) || N(0, I) ) in nats, (B,).

    Args:
        mu, logvar: (B, Z).
    """
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(dim=1)
