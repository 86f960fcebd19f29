"""You chose by G's loss.

It says how well G fools **this** D. A weak D makes any G look good, and the loss rises while the
pictures get better. Choose by a measure on held-out pictures.

Caught by: check_choice. Catalogue: D17.
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
    return min(epochs, key=lambda each: each["g_loss"])["epoch"]
