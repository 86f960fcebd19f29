"""You summed over the pictures as well.

Over classes the lecture sums; over pictures the mean is asked for, so that the batch size does
not matter.

Caught by: check_batch. Catalogue: C13.
"""

import torch.nn.functional as F
from torch import Tensor


def lecture_bce(probs: Tensor, labels: Tensor) -> Tensor:
    targets = F.one_hot(labels, probs.shape[1]).to(probs.dtype)
    terms = -targets * probs.log() - (1 - targets) * (1 - probs).log()
    return terms.sum()
