import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))) in nats, means over each batch, a scalar.

    Args:
        real_logits: (B,). fake_logits: (N,).
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
