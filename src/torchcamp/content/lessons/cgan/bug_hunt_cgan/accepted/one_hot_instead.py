import torch
from torch import Tensor


def shuffled(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.argsort(torch.rand(len(labels), generator=generator))
    return images[order], labels[order]


class Labels:
    def __init__(self, batch_size: int, num_classes: int) -> None:
        self.eye = torch.eye(num_classes)

    def rows_of(self, labels: Tensor) -> Tensor:
        return self.eye[labels]
