import torch
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    targets = torch.full((len(labels), num_classes), eps / num_classes)
    targets[torch.arange(len(labels)), labels] = 1 - eps + eps / num_classes
    return targets
