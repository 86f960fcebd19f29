"""Each library, the flags, then the numbers."""

import random
from unittest.mock import patch

import numpy as np
import torch


def drawn(submission, seed):
    submission.seed_all(seed)
    return random.random(), float(np.random.rand()), float(torch.rand(()))  # noqa: NPY002


def shaken():
    random.seed(None)
    np.random.seed(None)  # noqa: NPY002
    torch.seed()


def check_libraries(submission):
    """Three of them."""
    first = drawn(submission, 3)
    shaken()
    second = drawn(submission, 3)
    names = [n for n, a, b in zip(("random", "NumPy", "torch"), first, second) if a != b]
    assert not names, f"After the same seed {' and '.join(names)} did not draw the same."
    other = drawn(submission, 4)
    same = [n for n, a, b in zip(("random", "NumPy", "torch"), first, other) if a == b]
    assert not same, f"With another seed {' and '.join(same)} drew the very same."


def flags(submission):
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = True, False
    submission.seed_all(0)
    return torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic


def check_cudnn(submission):
    """What a GPU would do."""
    benchmark, deterministic = flags(submission)
    assert not benchmark, (
        "cudnn.benchmark is still on: a GPU races its algorithms and takes whichever won this time, so two runs can differ."
    )
    assert deterministic, "cudnn.deterministic is still off."


def drawing(submission, seed, number):
    """What `draws` returns, and how often it set torch's seed on the way."""
    with patch("torch.manual_seed", wraps=torch.manual_seed) as seeding:
        found = submission.draws(seed, number)
    return found, seeding.call_count


def sequence(seed, number):
    """What torch draws after this seed."""
    torch.manual_seed(seed)
    return [float(torch.randn(())) for _ in range(number)]


def check_draws(submission):
    """A sequence."""
    found, times = drawing(submission, 0, 3)
    assert len(found) == 3, f"Three numbers were asked for; yours are {len(found)}."
    assert all(isinstance(x, float) for x in found), (
        f"A list of floats is wanted; yours is {found}."
    )
    assert len(set(found)) == 3, (
        f"Your three numbers are {[round(x, 3) for x in found]}, and they must differ. A seed fixes the sequence, not each "
        f"number; torch's seed was set {times} time{'' if times == 1 else 's'} on the way."
    )
    assert found == submission.draws(0, 3), "The same seed gave other numbers."
    assert abs(found[0] - 1.541) < 1e-2, (
        f"After seed 0 torch's first normal number is 1.541; yours is {found[0]:.3f}."
    )
    right = sequence(0, 3)
    assert all(abs(a - b) < 1e-2 for a, b in zip(found, right)), (
        f"After seed 0 torch draws {[round(x, 3) for x in right]}, one after the other; yours are "
        f"{[round(x, 3) for x in found]}. (Torch's seed was set {times} time{'' if times == 1 else 's'} on the way.)"
    )
    assert one_by_one(submission, 0), (
        "Your `draws(0, 20)` are other numbers than twenty calls of `torch.randn(())` give after seed 0. Three of them were "
        "right: from 16 on `torch.randn(n)` draws in another way than one after the other."
    )


def one_by_one(submission, seed):
    """Whether many numbers are those that torch draws one after the other."""
    found = submission.draws(seed, 20)
    return len(found) == 20 and all(abs(a - b) < 1e-2 for a, b in zip(found, sequence(seed, 20)))


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    first = drawn(submission, seed)
    shaken()
    second = drawn(submission, seed)
    found, times = drawing(submission, seed, 4)
    return [
        [a == b for a, b in zip(first, second)],
        list(flags(submission)),
        len(set(found)),
        found == submission.draws(seed, 4),
        times,
        [abs(a - b) < 1e-2 for a, b in zip(found, sequence(seed, 4))],
        one_by_one(submission, seed),
        all(isinstance(x, float) for x in found),
    ]
