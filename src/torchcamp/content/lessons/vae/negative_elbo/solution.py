import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    """-ELBO in nats per picture, mean over the batch, a scalar.

    Args:
        x: pixels in [0, 1], (B, X). logits: (B, X). kl: nats, (B,).
    """
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (pixels.sum(dim=1) + kl).mean()
