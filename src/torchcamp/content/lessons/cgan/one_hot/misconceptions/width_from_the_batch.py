"""Your width depends on the labels that came along.

`F.one_hot(labels)` takes the largest label of the batch plus one: a batch without a nine has
nine columns, and the next layer refuses it. Name the number of classes.

Caught by: check_width. Catalogue: Q6.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return torch.nn.functional.one_hot(labels).float()
