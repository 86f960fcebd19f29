"""You took the logit itself for a log-probability.

The number looks plausible, but it has no floor: raising all logits lowers it for ever. A
log-probability is the logit minus `logsumexp` of all logits.

Caught by: check_one_picture. Catalogue: C4.
"""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = logits
    return -log_probs[torch.arange(len(labels)), labels].mean()
