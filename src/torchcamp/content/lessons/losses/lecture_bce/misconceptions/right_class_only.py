"""You counted the right class only.

That is cross-entropy. With softmax it is enough, since the probabilities share 1. Here each
class has a probability of its own, and the others must be pulled down too.

Caught by: check_own_class.
"""

import torch.nn.functional as F
from torch import Tensor


def lecture_bce(probs: Tensor, labels: Tensor) -> Tensor:
    targets = F.one_hot(labels, probs.shape[1]).to(probs.dtype)
    terms = -targets * probs.log()
    return terms.sum(dim=1).mean()
