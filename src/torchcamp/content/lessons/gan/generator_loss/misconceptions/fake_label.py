"""You train G with the label "fake".

Then G helps D: its gradient makes every fake look less real. G's fakes get the label **real**.

Caught by: check_direction. Catalogue: D3.
"""

import torch.nn.functional as F
from torch import Tensor


def generator_loss(fake_logits: Tensor) -> Tensor:
    return F.softplus(fake_logits).mean()
