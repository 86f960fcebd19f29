from collections.abc import Iterator

import torch
from torch import Tensor


def shuffled_batches(
    images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(images, labels)
    yield from DataLoader(data, batch_size, shuffle=True, generator=generator)
