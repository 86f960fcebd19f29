"""The judge is in train mode afterwards, whatever it was before.

`judge.train()` at the end is right only where it came in train mode. Keep `mode = judge.training`
first, and end with `judge.train(mode)`.

Caught by: check_eval.
"""

import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    judge.eval()
    with torch.no_grad():
        gap = judge(real).mean(dim=0) - judge(fake).mean(dim=0)
    judge.train()
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    alive = [each for each in epochs if each["d_loss"] >= 0.05]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
