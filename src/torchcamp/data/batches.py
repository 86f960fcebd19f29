"""Shuffled batches of tensors that live on the device: no worker processes, no per-image Python."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor


class Batches:
    """Epochs of shuffled batches, each indexed from tensors of equal length.

    The order of epoch `e` depends only on `seed` and `e`, so two numbers are enough to resume in
    the middle of an epoch. Every batch has the same shape: an incomplete last batch is dropped, and
    each epoch's shuffle drops different images.

    Args:
        tensors: each (N, ...); a batch takes the same indices from all of them.
        batch_size: images per batch, at most N.
        seed: seed of the shuffles.
        prepare: turns the indexed tensors into a training batch (normalise, augment); runs on the
            device and may draw from torch's generators.
        weights: (N,) how often each item is drawn, in relation to the others: an epoch is then as
            many draws with replacement. Without it, each item is taken at most once.
        mirrored: (N,) bool, which pictures (the first tensor, (N, C, H, W)) are seen mirrored in epochs of
            even number; in the others it is the rest. Two epochs show each picture both ways, as chance
            would not (Jordan, arXiv:2404.00498).

    Raises:
        ValueError: no tensors, different lengths, or a batch larger than the data.
    """

    def __init__(
        self,
        *tensors: Tensor,
        batch_size: int,
        seed: int = 0,
        prepare: Callable[..., Any] | None = None,
        weights: Tensor | None = None,
        mirrored: Tensor | None = None,
    ) -> None:
        if not tensors or len({len(tensor) for tensor in tensors}) != 1:
            raise ValueError("batches need one or more tensors of equal length")
        if not 0 < batch_size <= len(tensors[0]):
            raise ValueError(
                f"batch_size is {batch_size}; expected 1 to {len(tensors[0])}, the number of "
                "training images"
            )
        self.tensors = tensors
        self.batch_size = batch_size
        self.seed = seed
        self.prepare = prepare
        self.weights = weights
        self.mirrored = mirrored
        self.part = slice(None)  # of each batch; the rest is other processes'

    @property
    def steps_per_epoch(self) -> int:
        return len(self.tensors[0]) // self.batch_size

    def order(self, epoch: int) -> Tensor:
        """The indices of the items of `epoch` in the order in which its batches take them: (N,)"""
        num_items = len(self.tensors[0])
        shuffle = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        if self.weights is None:
            return torch.randperm(num_items, generator=shuffle)
        # Not multinomial, which takes at most 2^24 categories.
        ends = self.weights.cpu().double().cumsum(0)
        draws = torch.rand(num_items, generator=shuffle, dtype=torch.float64) * ends[-1]
        return torch.searchsorted(ends, draws, right=True).clamp_max(num_items - 1)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """The batches of `epoch`, starting with batch number `start`."""
        order = self.order(epoch).to(self.tensors[0].device)
        for number in range(start, self.steps_per_epoch):
            index = order[number * self.batch_size : (number + 1) * self.batch_size][self.part]
            items = tuple(tensor[index] for tensor in self.tensors)
            if self.mirrored is not None:
                turned = self.mirrored[index] ^ bool(epoch % 2)
                images = items[0]
                items = (
                    torch.where(turned[:, None, None, None], images.flip(3), images),
                    *items[1:],
                )
            yield self.prepare(*items) if self.prepare else items
