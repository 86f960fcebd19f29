"""You added a small number inside the logarithm.

It hides the infinity and flattens the loss: below the small number every probability costs the
same, so the gradient of the worst mistakes is 0. `log_softmax` needs no such help.

Caught by: check_large_logits. Catalogue: C8.
"""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = (logits.softmax(dim=1) + 1e-8).log()
    return -log_probs[torch.arange(len(labels)), labels].mean()
