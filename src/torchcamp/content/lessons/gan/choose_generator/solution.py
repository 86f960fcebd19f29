import torch
from torch import Tensor, nn


def distance(judge: nn.Module, real: Tensor, fake: Tensor) -> float:
    """Squared distance of the mean features of real and fake pictures.

    Args:
        judge: pictures to features (N, F).
    """
    mode = judge.training
    judge.eval()
    with torch.no_grad():
        gap = judge(real).mean(dim=0) - judge(fake).mean(dim=0)
    judge.train(mode)
    return float(gap.square().sum())


def choose(epochs: list[dict[str, float]]) -> float:
    """The epoch to keep."""
    alive = [each for each in epochs if each["d_loss"] >= 0.05]
    return min(alive or epochs, key=lambda each: each["distance"])["epoch"]
