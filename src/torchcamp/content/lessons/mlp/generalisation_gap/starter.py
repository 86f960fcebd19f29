import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    """Test loss minus training loss, in nats per example, both in eval mode.

    Args:
        network: inputs (N, ...) to logits (N, K).
        train, test: inputs (N, ...) and labels (N,).
    """
    # TODO: both losses in the same mode
    raise NotImplementedError
