"""NumPy is not seeded.

scikit-learn and many data sets draw from it.

Caught by: check_libraries. Catalogue: P6.
"""

import random

import torch


def seed_all(seed: int) -> None:
    random.seed(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def draws(seed: int, number: int) -> list[float]:
    seed_all(seed)
    return [torch.randn(()).item() for _ in range(number)]
