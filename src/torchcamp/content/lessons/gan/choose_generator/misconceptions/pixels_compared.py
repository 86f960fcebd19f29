"""You compared picture with picture.

The i-th fake has nothing to do with the i-th real one. Compare the means of the two sets.

Caught by: check_distance.
"""

import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    mode = judge.training
    judge.eval()
    with torch.no_grad():
        number = min(len(real), len(fake))
        gap = (judge(real)[:number] - judge(fake)[:number]).square().mean(dim=0).sqrt()
    judge.train(mode)
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    alive = [each for each in epochs if each["d_loss"] >= 0.05]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
