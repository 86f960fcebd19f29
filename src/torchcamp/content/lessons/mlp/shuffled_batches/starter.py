from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches ((B, ...), (B,)) of one epoch, in an order drawn from `generator`."""
    # TODO: one order, cut into batches
    raise NotImplementedError
