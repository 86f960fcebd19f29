"""You smoothed in the wrong direction.

Your right class asks for more than 1 and the others for less than 0. No probability can reach
that, so the logits are pushed apart without end: what smoothing is there to prevent.

Caught by: check_smoothing. Catalogue: C17.
"""

import torch.nn.functional as F
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    one_hot = F.one_hot(labels, num_classes).float()
    return (1 + eps) * one_hot - eps / num_classes
