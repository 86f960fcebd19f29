import torch.nn.functional as F
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    """Labels (N,) to smoothed targets (N, num_classes), float32; each row sums to 1."""
    one_hot = F.one_hot(labels, num_classes).float()
    return (1 - eps) * one_hot + eps / num_classes
