"""You drop in use as well.

`F.dropout(x, p)` has `training=True` by default: `eval()` never reaches it. Sampling or testing
with such a network gives another result each time.

Caught by: check_in_use. Catalogue: N2.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    keep = torch.rand_like(x) >= p
    return x * keep / (1 - p)
