"""Your judge measures in train mode.

Its dropout and batch norm make the distance larger, and another one each time: one such mistake
made an FID of 49 where 98 was true. `judge.eval()`.

Caught by: check_eval. Catalogue: D18.
"""

import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    mode = judge.training
    with torch.no_grad():
        gap = judge(real).mean(dim=0) - judge(fake).mean(dim=0)
    judge.train(mode)
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    alive = [each for each in epochs if each["d_loss"] >= 0.05]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
