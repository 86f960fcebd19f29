from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches ((B, ...), (B,)) of one epoch, in an order drawn from `generator`."""
    order = torch.randperm(len(images), generator=generator)
    for indices in order.split(batch_size):
        yield images[indices], labels[indices]
