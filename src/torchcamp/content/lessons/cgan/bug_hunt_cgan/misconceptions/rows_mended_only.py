"""The rows are mended. Pictures and labels are still shuffled apart.

Each has its own permutation, so a picture gets somebody else's label: the condition means
nothing. One order for both.

Caught by: check_pairs. Catalogue: Q10.
"""

import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(images), generator=generator)
    other = torch.randperm(len(labels), generator=generator)
    return images[order], labels[other]


class Labels:
    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.rows = torch.zeros(batch_size, num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        self.rows = torch.zeros_like(self.rows)
        return self.rows.scatter_(1, labels[:, None], 1.0)
