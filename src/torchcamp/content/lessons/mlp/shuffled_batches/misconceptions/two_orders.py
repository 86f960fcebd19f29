"""You shuffled pictures and labels apart.

Each by an order of its own: nearly every picture has another picture's label, and no error is
raised. Draw one order and use it for both.

Caught by: check_own_label. Catalogue: M7.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images), generator=generator)
    other = torch.randperm(len(images), generator=generator)
    for indices, theirs in zip(order.split(batch_size), other.split(batch_size)):
        yield images[indices], labels[theirs]
