"""You flattened both as they are.

One runs through the batch first, the other through time: logit (t, b) meets the target of
another place. Shapes agree, and the loss stays near ln V for ever.

Caught by: check_perfect. Catalogue: R9.
"""

import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    num_symbols = logits.shape[2]
    return F.cross_entropy(logits.reshape(-1, num_symbols), targets.reshape(-1))
