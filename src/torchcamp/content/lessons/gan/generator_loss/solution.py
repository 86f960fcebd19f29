import torch.nn.functional as F
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-log D(G(z)) in nats, mean over the batch, a scalar.

    Args:
        fake_logits: (B,).
    """
    return F.softplus(-fake_logits).mean()
