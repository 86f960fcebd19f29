"""You smoothed by a share that does not depend on eps alone.

With eps 0 there must be no smoothing at all: exactly one-hot.

Caught by: check_without_smoothing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    one_hot = F.one_hot(labels, num_classes).float()
    return torch.softmax(one_hot / (eps + 0.1), dim=1)
