import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over N pictures of -log softmax(logits) at the right class; a scalar.

    Args:
        logits: (N, K).
        labels: (N,), class indices.
    """
    log_probs = logits.log_softmax(dim=1)
    return -log_probs[torch.arange(len(labels)), labels].mean()
