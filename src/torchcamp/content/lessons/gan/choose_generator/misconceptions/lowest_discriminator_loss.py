"""You took a low loss of D for success.

A D that tells all fakes apart has the loss 0: that is the state in which G gets no gradient.
Healthy is near 1.386.

Caught by: check_choice. Catalogue: D11, D17.
"""

import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    mode = judge.training
    judge.eval()
    with torch.no_grad():
        gap = judge(real).mean(dim=0) - judge(fake).mean(dim=0)
    judge.train(mode)
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    return min(epochs, key=lambda each: each["d_loss"])["epoch"]
