"""One seed for every generator."""

import random

import numpy as np
import torch

from torchcamp.base.seeding import seed_everything


def drawn() -> tuple[float, float, float]:
    numpys = np.random.random()  # noqa: NPY002 - the generator that others draw from
    return random.random(), numpys, torch.rand(()).item()


def test_every_generator_is_seeded():
    seed_everything(5)
    first = drawn()
    between = drawn()
    seed_everything(5)
    assert drawn() == first
    seed_everything(6)
    other = drawn()
    assert all(a != b for a, b in zip(first, between, strict=True))
    assert all(a != b for a, b in zip(first, other, strict=True))
