import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (N, X) and their labels (N,) in a new order."""
    order = torch.randperm(len(images), generator=generator)
    return images[order], labels[order]


class Labels:
    """One-hot rows of labels, for batches of one size."""

    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.rows = torch.zeros(batch_size, num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        """One-hot rows (B, K) of labels (B,)."""
        self.rows = torch.zeros_like(self.rows)
        return self.rows.scatter_(1, labels[:, None], 1.0)
