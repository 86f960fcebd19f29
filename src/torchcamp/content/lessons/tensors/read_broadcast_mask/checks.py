"""The comparison as it is, then without the new axis."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.models.hmm import ended

SYMBOLS, LENGTHS = torch.zeros(5, 3, dtype=torch.int64), torch.tensor([5, 2, 3])


def happened():
    mask = ended(SYMBOLS, LENGTHS)
    try:
        other = rewritten(ended, "[:, None]", "")(SYMBOLS, LENGTHS)
        outcome = "same" if torch.equal(other, mask) else "transposed"
    except RuntimeError:
        outcome = "raise"
    return {
        "shape": tuple(mask.shape),
        "num_true": int(mask.sum()),
        "without_none": outcome,
    }


def check_shape(submission):
    """Two shapes meet."""
    words = compare(submission, happened(), "shape")
    assert not words, (
        words + " `(5, 1)` meets `(3,)`: each of the five steps is compared with each length."
    )


def check_num_true(submission):
    """What the table says."""
    words = compare(submission, happened(), "num_true")
    assert not words, words + " Behind the ends lie 0, 3 and 2 steps of the three sequences."


def check_without_none(submission):
    """The new axis is needed."""
    words = compare(submission, happened(), "without_none")
    assert not words, (
        words + " The shapes are then `(5,)` and `(3,)`: the last axes differ and neither is 1."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
