import torch
import torch.nn.functional as F
from torch import Tensor


def smooth_targets(labels: Tensor, num_classes: int, eps: float) -> Tensor:
    """Labels (N,) to smoothed targets (N, num_classes), float32; each row sums to 1."""
    # TODO: one-hot, then spread eps over all classes
    raise NotImplementedError
