"""Your ones stand one place too far left.

Labels count from 0: label 0 is the first column.

Caught by: check_places.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return (labels[:, None] - 1 == torch.arange(num_classes)).float()
