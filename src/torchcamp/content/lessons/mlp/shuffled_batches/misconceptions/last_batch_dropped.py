"""You dropped the smaller last batch.

`drop_last=True`, or counting whole batches only, loses up to batch_size - 1 pictures of every
epoch. Nothing in the network needs a fixed size.

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
        if len(indices) == batch_size:
            yield images[indices], labels[indices]
