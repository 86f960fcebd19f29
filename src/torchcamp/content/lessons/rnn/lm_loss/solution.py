import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats per character, a scalar.

    Args:
        logits: (T, B, V). targets: (B, T), int64.
    """
    num_symbols = logits.shape[2]
    return F.cross_entropy(logits.transpose(0, 1).reshape(-1, num_symbols), targets.reshape(-1))
