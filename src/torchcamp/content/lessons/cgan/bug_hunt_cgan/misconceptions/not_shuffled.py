"""Nothing is shuffled any more.

Each picture has its label, and they come in the same order every epoch. One permutation, used
for both.

Caught by: check_pairs.
"""

import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(images), generator=generator)
    return images, labels


class Labels:
    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.rows = torch.zeros(batch_size, num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        self.rows = torch.zeros_like(self.rows)
        return self.rows.scatter_(1, labels[:, None], 1.0)
