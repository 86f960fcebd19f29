"""You seeded torch only.

Augmentation often draws from NumPy or `random`, and two runs differ there: "seed set, still
different".

Caught by: check_libraries. Catalogue: P6.
"""

import torch


def seed_all(seed: int) -> None:
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def draws(seed: int, number: int) -> list[float]:
    seed_all(seed)
    return [torch.randn(()).item() for _ in range(number)]
