"""You kept the last epoch.

A GAN goes round in circles: later is not better.

Caught by: check_choice.
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
    return epochs[-1]["epoch"]
