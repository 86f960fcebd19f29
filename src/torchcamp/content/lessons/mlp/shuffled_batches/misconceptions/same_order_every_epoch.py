"""Your order is the same in every epoch.

You seed it anew on each call. The caller's generator moves on by itself: draw from it.

Caught by: check_shuffled.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    for indices in order.split(batch_size):
        yield images[indices], labels[indices]
