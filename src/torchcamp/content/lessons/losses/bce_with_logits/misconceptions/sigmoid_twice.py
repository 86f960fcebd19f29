"""You applied sigmoid before a loss that contains it.

`binary_cross_entropy_with_logits` takes logits. Given p instead, its second sigmoid sees numbers
between 0 and 1 only and answers between 0.5 and 0.731: for target 0 the loss can never fall
below 0.693.

Caught by: check_values. Catalogue: C5.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(torch.sigmoid(logits), target)
