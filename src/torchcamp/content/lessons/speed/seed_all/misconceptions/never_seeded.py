"""Your draws do not begin at the seed.

Two calls give different numbers: `draws` must seed once, before the first.

Caught by: check_draws.
"""

import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries draw from this one
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def draws(seed: int, number: int) -> list[float]:
    return [torch.randn(()).item() for _ in range(number)]
