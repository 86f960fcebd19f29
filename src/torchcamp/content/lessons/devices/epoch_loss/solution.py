import torch
import torch.nn.functional as F
from torch import Tensor, nn


def epoch_loss(
    network: nn.Module, batches: list[tuple[Tensor, Tensor]], mean: list[float], std: list[float]
) -> float:
    """Mean cross-entropy per picture, in nats.

    Args:
        batches: x (B, D) and labels (B,). mean, std: D numbers each.
    """
    centre, scale = torch.tensor(mean), torch.tensor(std)
    total, number = torch.zeros(()), 0
    for x, y in batches:
        loss = F.cross_entropy(network((x - centre) / scale), y)
        total += loss.detach() * len(x)
        number += len(x)
    return (total / number).item()
