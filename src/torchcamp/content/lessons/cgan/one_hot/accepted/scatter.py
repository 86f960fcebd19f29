import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return torch.zeros(len(labels), num_classes).scatter_(1, labels.unsqueeze(1), 1.0)
