"""You used `F.binary_cross_entropy` on the sigmoid.

It does not crash: it cuts the logarithm at -100. But sigmoid has saturated before, so the
gradient is 0 just where the mistake is largest. The version **with_logits** exists for this.

Caught by: check_far_values. Catalogue: C10.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy(torch.sigmoid(logits), target)
