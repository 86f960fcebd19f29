"""You put a softmax before the cross-entropy.

It applies one itself. Squeezed between 0 and 1, even a perfect model pays.

Caught by: check_perfect. Catalogue: C1.
"""

import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    num_symbols = logits.shape[2]
    return F.cross_entropy(
        logits.softmax(dim=2).transpose(0, 1).reshape(-1, num_symbols), targets.reshape(-1)
    )
