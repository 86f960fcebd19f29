import torch
import torch.nn.functional as F
from torch import Tensor, nn


def batch_loss(network: nn.Module, features: Tensor, column: Tensor) -> Tensor:
    """Mean cross-entropy of `network(features)` against a column of classes; a scalar.

    Args:
        network: features (N, D) to logits (N, K).
        features: (N, D).
        column: (N, 1), float32, each a class index.
    """
    # TODO: make labels of the column, then the loss
    raise NotImplementedError
