"""You left the judge in eval mode.

Somebody may be training it. Put it back.

Caught by: check_eval. Catalogue: N3.
"""

import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    mode = judge.training
    judge.eval()
    with torch.no_grad():
        gap = judge(real).mean(dim=0) - judge(fake).mean(dim=0)
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    alive = [each for each in epochs if each["d_loss"] >= 0.05]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
