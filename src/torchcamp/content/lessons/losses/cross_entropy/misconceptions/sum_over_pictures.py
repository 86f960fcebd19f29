"""You summed over the pictures.

Then loss and gradient grow with the batch, and the learning rate means something else for every
batch size. Here it is the mean.

Caught by: check_batch. Catalogue: C13.
"""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = logits.log_softmax(dim=1)
    return -log_probs[torch.arange(len(labels)), labels].sum()
