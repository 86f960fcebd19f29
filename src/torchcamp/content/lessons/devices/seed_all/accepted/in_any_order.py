import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    for function in (torch.manual_seed, np.random.seed, random.seed):
        function(seed)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False


def draws(seed: int, number: int) -> list[float]:
    seed_all(seed)
    found = []
    while len(found) < number:
        found.append(float(torch.randn(())))
    return found
