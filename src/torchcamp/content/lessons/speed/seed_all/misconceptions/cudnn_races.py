"""cuDNN still races its algorithms.

On a GPU the fastest one wins, not always the same, and they add in different orders: the last
digits differ, and after some thousand steps the first ones.

Caught by: check_cudnn. Catalogue: P6.
"""

import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries draw from this one
    torch.manual_seed(seed)


def draws(seed: int, number: int) -> list[float]:
    seed_all(seed)
    return [torch.randn(()).item() for _ in range(number)]
