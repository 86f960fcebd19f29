"""Your logits go through a sigmoid before a loss that applies one itself.

The probabilities are squeezed to 0.5 … 0.73: no picture can be drawn well. Hand over the logits.

Caught by: check_worked. Catalogue: K17.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    pixels = F.binary_cross_entropy_with_logits(torch.sigmoid(logits), x, reduction="none")
    return (pixels.sum(dim=1) + kl).mean()
