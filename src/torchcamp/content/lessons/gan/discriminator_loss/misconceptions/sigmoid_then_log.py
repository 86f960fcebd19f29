"""Your logarithm breaks for a sure D.

sigmoid(50) is exactly 1 in 32 bits, so log(1 - 1) is -inf and its gradient nan. From a logit of
17 on it happens. Stay in logits: -log(1 - D) = softplus(logit).

Caught by: check_sure. Catalogue: D10.
"""

import torch
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -torch.sigmoid(real_logits).log().mean() - (1 - torch.sigmoid(fake_logits)).log().mean()
