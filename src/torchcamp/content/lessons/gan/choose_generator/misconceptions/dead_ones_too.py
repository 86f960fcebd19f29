"""You kept an epoch in which D had won.

With D's loss at 0.001 the game is over: what G is now, it stays. The statement takes such epochs
out.

Caught by: check_won. Catalogue: D11.
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
    alive = [each for each in epochs if True]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
