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
    was_training = network.training
    network.eval()
    with torch.no_grad():
        losses = [F.cross_entropy(network(x), y).item() for x, y in (train, test)]
    network.train(was_training)
    return losses[1] - losses[0]
