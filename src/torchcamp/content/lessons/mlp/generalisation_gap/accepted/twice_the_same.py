import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    @torch.no_grad()
    def loss(x: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(network(x).log_softmax(dim=1), y)

    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    gap = loss(*test) - loss(*train)
    for module, mode in modes:
        module.training = mode
    return float(gap)
