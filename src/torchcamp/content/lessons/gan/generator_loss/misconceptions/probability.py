"""You maximise D(G(z)) itself.

A sigmoid is flat on both sides: the gradient at D = 0.01 is 0.0099. The logarithm takes that
factor away.

Caught by: check_strength. Catalogue: D4.
"""

import torch
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    return -torch.sigmoid(fake_logits).mean()
