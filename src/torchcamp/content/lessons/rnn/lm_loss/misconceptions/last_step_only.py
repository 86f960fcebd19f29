"""You used the last step only.

Every character of the chunk predicts its successor: T times as much to learn from, at no cost.

Caught by: check_random.
"""

import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    num_symbols = logits.shape[2]
    return F.cross_entropy(logits[-1], targets[:, -1])
