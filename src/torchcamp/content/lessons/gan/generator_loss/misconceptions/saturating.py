"""You minimise log(1 - D(G(z))).

The direction is right, and where D is sure that a picture is fake, which is where G begins, the
curve is flat: -0.01 instead of -0.99. Maximise log D(G(z)) instead.

Caught by: check_strength. Catalogue: D4.
"""

import torch.nn.functional as F
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    return -F.softplus(fake_logits).mean()
