"""You left out the second term.

-y log p is 0 for every example of class 0, so nothing would ever be said against p = 1
everywhere.

Caught by: check_values.
"""

import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    return (target * F.softplus(-logits)).mean()
