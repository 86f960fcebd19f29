"""You forced every batch to the same size.

`view(batch_size, -1)` needs a multiple; and filling up the last batch shows some pictures twice.
Take the size from the batch itself.

Caught by: check_sizes. Catalogue: M19.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images), generator=generator)
    for indices in order.split(batch_size):
        full = torch.arange(batch_size) % len(indices)
        yield images[indices[full]], labels[indices[full]]
