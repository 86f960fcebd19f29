import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    """Set Python's, NumPy's and torch's generators, and cuDNN to what repeats."""
    # TODO: every source of chance
    raise NotImplementedError


def draws(seed: int, number: int) -> list[float]:
    """`number` normal numbers, one after the other."""
    # TODO: numbers that are the same whenever the seed is
    raise NotImplementedError
