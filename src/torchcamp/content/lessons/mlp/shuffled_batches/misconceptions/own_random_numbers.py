"""You did not use the generator.

The order then depends on whatever else draws random numbers, and a run cannot be repeated or
resumed.

Caught by: check_from_the_generator.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images))
    for indices in order.split(batch_size):
        yield images[indices], labels[indices]
