"""You yield in the order of the file.

If it is sorted by class, the network sees nothing but zeros, then nothing but ones, and forgets
the zeros. Even if not, the same pictures meet in the same batch for ever.

Caught by: check_shuffled. Catalogue: M6.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.arange(len(images))
    for indices in order.split(batch_size):
        yield images[indices], labels[indices]
