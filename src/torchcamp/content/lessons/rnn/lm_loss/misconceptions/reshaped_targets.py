"""You reshaped the targets to (T, B).

That reads the same numbers on and cuts them elsewhere: no transpose. `targets.T` exchanges the
axes.

Caught by: check_perfect. Catalogue: R9.
"""

import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    num_symbols = logits.shape[2]
    return F.cross_entropy(
        logits.reshape(-1, num_symbols),
        targets.flip(0).reshape(logits.shape[:2]).flip(0).reshape(-1),
    )
