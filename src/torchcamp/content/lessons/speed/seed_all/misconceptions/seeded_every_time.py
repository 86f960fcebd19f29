"""You seed before every draw.

Then it is one number, over and over. A seed fixes where the sequence begins; what follows
differs. Seed once, at the beginning of the program.

Caught by: check_draws. Catalogue: P7.
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
    found = []
    for _ in range(number):
        seed_all(seed)
        found.append(torch.randn(()).item())
    return found
