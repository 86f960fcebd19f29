"""You took one mean over real and fake pictures together.

Each half is an expectation of its own; with different batch sizes the larger would count more.

Caught by: check_guessing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return torch.cat([F.softplus(-real_logits), F.softplus(fake_logits)]).mean()
