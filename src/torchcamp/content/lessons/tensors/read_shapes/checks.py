"""One forward pass, from the first line to the last."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.gan import GANConfig, PlainDiscriminator


def happened():
    discriminator = PlainDiscriminator(GANConfig(fully_connected=True))
    shapes = {}

    def look(module, inputs, output):
        shapes["into_layers"] = tuple(inputs[0].shape)
        shapes["out_of_layers"] = tuple(output.shape)

    discriminator.layers.register_forward_hook(look)
    shapes["returned"] = tuple(discriminator(torch.rand(64, 1, 28, 28)).shape)
    return shapes


def check_into_layers(submission):
    """The pictures as rows."""
    words = compare(submission, happened(), "into_layers")
    assert not words, words + " From axis 1 on, all axes are joined: 1 * 28 * 28 = 784."


def check_out_of_layers(submission):
    """The last layer."""
    words = compare(submission, happened(), "out_of_layers")
    assert not words, words + " The last layer is `nn.Linear(256, 1)`: one number for each picture."


def check_returned(submission):
    """The last line."""
    words = compare(submission, happened(), "returned")
    assert not words, words + " `squeeze(dim=1)` takes away axis 1, whose size is 1."


def observe(submission, rng):
    return first_wrong(submission, happened())
