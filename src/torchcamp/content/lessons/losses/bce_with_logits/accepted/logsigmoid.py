import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    loss = -target * F.logsigmoid(logits) - (1 - target) * F.logsigmoid(-logits)
    return loss.mean()
