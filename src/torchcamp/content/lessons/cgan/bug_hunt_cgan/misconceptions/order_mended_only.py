"""The order is mended. The rows still keep the ones of earlier batches.

`scatter_` writes ones and clears nothing: after some batches a row says that it is every class.
Begin with zeros each time.

Caught by: check_rows. Catalogue: Q8.
"""

import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(images), generator=generator)
    return images[order], labels[order]


class Labels:
    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.rows = torch.zeros(batch_size, num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        return self.rows.scatter_(1, labels[:, None], 1.0)
