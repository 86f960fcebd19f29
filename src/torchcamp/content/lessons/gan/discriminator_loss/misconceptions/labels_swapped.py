"""Your D learns to call fakes real.

Real pictures should get a high logit: -log D(x) = softplus(**-**logit). Fakes a low one:
softplus(logit).

Caught by: check_real_half.
"""

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.softplus(real_logits).mean() + F.softplus(-fake_logits).mean()
