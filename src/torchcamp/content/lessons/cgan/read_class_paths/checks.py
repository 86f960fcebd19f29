"""The class beside the noise, the class that picks a logit, and a class that does not exist."""

import torch
from torch import nn

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.cgan import CGANConfig, Discriminator, with_classes


class Fixed(nn.Module):
    def forward(self, x):
        return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def happened():
    config = CGANConfig()
    discriminator = Discriminator(CGANConfig(num_classes=3))
    discriminator.output = Fixed()
    logits = discriminator(torch.rand(2, 1, 28, 28), torch.tensor([2, 0]))
    try:
        row = with_classes(torch.zeros(1, 64), torch.tensor([10]), config)[0, 64:]
        outcome = "nine" if row[9] == 1 else "zeros"
    except RuntimeError:
        outcome = "raise"
    return {
        "into_generator": tuple(with_classes(torch.randn(8, 64), torch.arange(8), config).shape),
        "returned": [int(logit) for logit in logits],
        "class_ten": outcome,
    }


def check_into_generator(submission):
    """Noise and class, side by side."""
    words = compare(submission, happened(), "into_generator")
    assert not words, words + " 64 numbers of noise and a one-hot row of 10, joined along axis 1."


def check_returned(submission):
    """One logit of each row."""
    words = compare(submission, happened(), "returned")
    assert not words, words + " Row 0 gives its entry 2, row 1 its entry 0."


def check_class_ten(submission):
    """A class that does not exist."""
    words = compare(submission, happened(), "class_ten")
    assert not words, (
        words
        + ' With ten classes the largest label is 9: "Class values must be smaller than num_classes".'
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
