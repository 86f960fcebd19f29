import torch
import torch.nn.functional as F
from torch import Tensor


def lm_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats per character, a scalar.

    Args:
        logits: (T, B, V). targets: (B, T), int64.
    """
    # TODO: each logit meets its own target
    raise NotImplementedError
