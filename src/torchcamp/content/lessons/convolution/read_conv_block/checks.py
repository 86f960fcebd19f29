"""The block runs on eight pictures, with both kernels."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.cnn import conv_block

IMAGES = torch.rand(8, 1, 28, 28)


def happened():
    block = conv_block(1, 24, kernel_size=5, stride=2)
    return {
        "returned": tuple(block(IMAGES).shape),
        "num_weights": sum(p.numel() for p in block[0].parameters()),
        "size_with_4": conv_block(1, 24, kernel_size=4)(IMAGES).shape[2],
    }


def check_returned(submission):
    """The formula, with the padding that the code computes."""
    words = compare(submission, happened(), "returned")
    assert not words, words + " Padding is 5 // 2 = 2, so (28 + 4 - 5) // 2 + 1 = 14."


def check_num_weights(submission):
    """Filters without a bias."""
    words = compare(submission, happened(), "num_weights")
    assert not words, words + " 24 filters of 1 x 5 x 5, and `bias=False`: 24 * 25 = 600."


def check_size_with_4(submission):
    """An even kernel."""
    words = compare(submission, happened(), "size_with_4")
    assert not words, (
        words
        + " (28 + 2 * 2 - 4) // 1 + 1 = 29: the docstring is right for odd kernels only, which is "
        "all that our networks use."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
