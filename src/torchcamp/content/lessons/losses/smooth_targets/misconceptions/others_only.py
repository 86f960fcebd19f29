"""You spread eps over the other classes only.

Some papers do. `F.cross_entropy(label_smoothing=...)` spreads it over **all** K, the right one
included: the right class gets 1 - eps + eps / K.

Caught by: check_smoothing.
"""

import torch.nn.functional as F
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    one_hot = F.one_hot(labels, num_classes).float()
    return (1 - eps) * one_hot + eps / (num_classes - 1) * (1 - one_hot)
