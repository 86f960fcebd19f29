import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of -y log p - (1 - y) log(1 - p) with p = sigmoid(logits); a scalar.

    Args:
        logits: any shape.
        target: the same shape, in [0, 1].
    """
    return (target * F.softplus(-logits) + (1 - target) * F.softplus(logits)).mean()
