"""You wrote the label's number in its place.

A 1 says which class it is, its place says it. With the number itself a 9 speaks nine times as
loud, and a 0 is silent.

Caught by: check_places.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return (labels[:, None] == torch.arange(num_classes)) * labels[:, None].float()
