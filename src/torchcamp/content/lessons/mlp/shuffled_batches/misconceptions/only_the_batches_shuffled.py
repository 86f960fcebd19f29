"""You shuffled the batches, not the pictures.

Each batch still holds neighbours of the file: if it is sorted, one class. Shuffle the pictures,
then cut.

Caught by: check_shuffled.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(images), generator=generator)
    batches = torch.arange(len(order)).split(batch_size)
    whole = [b for b in batches if len(b) == batch_size]
    picked = torch.randperm(len(whole), generator=generator).tolist()
    for indices in [whole[i] for i in picked] + [b for b in batches if len(b) < batch_size]:
        yield images[indices], labels[indices]
