"""You added 1e-8 inside the logarithm.

At z = 20 the loss then stops at 18.4 and its gradient is exactly 0: you have hidden the nan and
killed the learning with it. In logits no eps is needed.

Caught by: check_far_values. Catalogue: C8.
"""

import torch
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    p = torch.sigmoid(logits)
    return (-target * (p + 1e-8).log() - (1 - target) * (1 - p + 1e-8).log()).mean()
