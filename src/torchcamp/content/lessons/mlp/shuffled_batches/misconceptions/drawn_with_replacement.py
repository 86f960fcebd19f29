"""You drew every index anew.

With `torch.randint`, about a third of the pictures do not come in an epoch and others come
twice. A permutation has each once.

Caught by: check_every_picture_once.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randint(len(images), (len(images),), generator=generator)
    for indices in order.split(batch_size):
        yield images[indices], labels[indices]
