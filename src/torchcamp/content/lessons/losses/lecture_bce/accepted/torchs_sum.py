import torch
import torch.nn.functional as F
from torch import Tensor


def lecture_bce(probs: Tensor, labels: Tensor) -> Tensor:
    targets = torch.eye(probs.shape[1])[labels]
    return F.binary_cross_entropy(probs, targets, reduction="sum") / len(probs)
