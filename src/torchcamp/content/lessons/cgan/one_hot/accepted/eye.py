import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return torch.eye(num_classes)[labels]
