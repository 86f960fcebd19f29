"""You averaged over the classes as well.

The formula sums over k, and all terms but the right class's are 0. Averaged over N * K entries
the loss is K times too small.

Caught by: check_one_picture.
"""

import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = logits.log_softmax(dim=1)
    return -(log_probs * F.one_hot(labels, logits.shape[1])).mean()
