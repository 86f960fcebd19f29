"""You shuffled the pictures and left the labels in their order.

Index both with the same indices.

Caught by: check_own_label. Catalogue: M7.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images), generator=generator)
    for indices, y in zip(order.split(batch_size), labels.split(batch_size)):
        yield images[indices], y
