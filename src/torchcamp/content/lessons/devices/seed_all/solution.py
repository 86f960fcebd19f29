import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    """Set Python's, NumPy's and torch's generators, and cuDNN to what repeats."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries draw from this one
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def draws(seed: int, number: int) -> list[float]:
    """`number` normal numbers, one after the other."""
    seed_all(seed)
    return [torch.randn(()).item() for _ in range(number)]
