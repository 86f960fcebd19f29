"""You added the characters up.

A loss per character can be compared between texts and batches of all lengths: take the mean.

Caught by: check_equal_logits. Catalogue: C13.
"""

import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    num_symbols = logits.shape[2]
    return F.cross_entropy(
        logits.transpose(0, 1).reshape(-1, num_symbols), targets.reshape(-1), reduction="sum"
    )
