"""You added a small number inside the logarithm.

The nan is gone, and so is the gradient: at a logit of 50 it is exactly 0, where D is most wrong.
From logits nothing needs to be hidden.

Caught by: check_sure. Catalogue: D10.
"""

import torch
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return (
        -(torch.sigmoid(real_logits) + 1e-8).log().mean()
        - (1 - torch.sigmoid(fake_logits) + 1e-8).log().mean()
    )
