import torch
from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    centre = train.sum(0) / len(train)
    spread = ((train - centre) ** 2).sum(0).div(len(train) - 1).sqrt()
    spread = torch.where(spread == 0, torch.ones_like(spread), spread)
    return (train - centre) / spread, (test - centre) / spread
