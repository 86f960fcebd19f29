"""You used the dropout of feature maps.

`dropout2d` drops whole channels of `(B, C, H, W)`. On flat vectors it warns, and will one day be
refused. For numbers it is plain dropout.

Caught by: check_no_warning. Catalogue: N8.
"""

import torch.nn.functional as F
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x
    return F.dropout2d(x, p)
