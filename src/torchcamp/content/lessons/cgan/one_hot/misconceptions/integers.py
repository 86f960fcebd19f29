"""Your rows are integers.

`torch.cat` with float noise, or a linear layer, wants floats: `.float()`.

Caught by: check_float.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return (labels[:, None] == torch.arange(num_classes)).long()
