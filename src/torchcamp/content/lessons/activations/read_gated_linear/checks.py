"""The layer's weight, its output, and what an undecided gate lets through."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.vae import GatedLinear


@torch.no_grad()
def happened():
    layer = GatedLinear(784, 400)
    shapes = {
        "weight_shape": tuple(layer.both.weight.shape),
        "returned": tuple(layer(torch.rand(32, 784)).shape),
    }
    layer.both.bias[:400], layer.both.bias[400:] = 3.0, 0.0
    (value,) = set(layer(torch.zeros(1, 784)).flatten().tolist())
    return shapes | {"half_open": value}


def check_weight_shape(submission):
    """One layer makes values and gates."""
    words = compare(submission, happened(), "weight_shape")
    assert not words, words + " The layer makes 2 * 400 numbers of 784."


def check_returned(submission):
    """Half of them are left."""
    words = compare(submission, happened(), "returned")
    assert not words, words + " Each of the 400 gates is spent on one of the 400 values."


def check_half_open(submission):
    """A gate at zero."""
    words = compare(submission, happened(), "half_open")
    assert not words, words + " Zeros as input leave the bias: 3 * sigmoid(0) = 3 * 0.5."


def observe(submission, rng):
    return first_wrong(submission, happened())
