"""You made 0 or 1 of every target.

A target of 0.9 is allowed, and means what it says: mostly yes. Multiply with it as it is.

Caught by: check_mean_and_soft_targets.
"""

import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    target = (target > 0.5).float()
    return (target * F.softplus(-logits) + (1 - target) * F.softplus(logits)).mean()
