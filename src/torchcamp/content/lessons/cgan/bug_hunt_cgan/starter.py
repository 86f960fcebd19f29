import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (N, X) and their labels (N,) in a new order."""
    # TODO: something is wrong in `shuffled`, and one line is missing in `rows_of`. Mend them.
    order = torch.randperm(len(images), generator=generator)
    other = torch.randperm(len(labels), generator=generator)
    return images[order], labels[other]


class Labels:
    """One-hot rows of labels, for batches of one size."""

    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.rows = torch.zeros(batch_size, num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        """One-hot rows (B, K) of labels (B,)."""
        return self.rows.scatter_(1, labels[:, None], 1.0)
