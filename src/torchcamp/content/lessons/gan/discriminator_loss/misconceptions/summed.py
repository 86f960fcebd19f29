"""You added the pictures up.

Then a larger batch makes a larger loss. Means.

Caught by: check_guessing. Catalogue: C13.
"""

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.softplus(-real_logits).sum() + F.softplus(fake_logits).sum()
