"""You summed over axis 0, the batch.

Then each column sums to 1: the pictures share the probability of a class among them. Which axis
is to sum to 1? Take the one that the caller names.

Caught by: check_rows. Catalogue: A4.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x - x.amax(0, keepdim=True))
    return e / e.sum(0, keepdim=True)
