import torch
import torch.nn.functional as F
from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of -y log p - (1 - y) log(1 - p) with p = sigmoid(logits); a scalar.

    Args:
        logits: any shape.
        target: the same shape, in [0, 1].
    """
    # TODO: the loss, written from the logits
    raise NotImplementedError
