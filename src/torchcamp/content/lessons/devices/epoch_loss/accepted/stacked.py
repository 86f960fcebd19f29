import torch
import torch.nn.functional as F
from torch import Tensor, nn


@torch.no_grad()
def epoch_loss(
    network: nn.Module, batches: list[tuple[Tensor, Tensor]], mean: list[float], std: list[float]
) -> float:
    centre, scale = torch.as_tensor(mean), torch.as_tensor(std)
    sums = [F.cross_entropy(network((x - centre) / scale), y, reduction="sum") for x, y in batches]
    return float(torch.stack(sums).sum() / sum(len(y) for _, y in batches))
