"""Five rows of noise go through the generator."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.gan import GANConfig, Generator


def happened():
    generator, shapes = Generator(GANConfig(image_shape=(3, 32, 32))), {}

    def look(module, inputs, output):
        if module is generator.project:
            shapes["after_project"] = tuple(output.shape)
        else:
            shapes["after_view"] = tuple(inputs[0].shape)
            shapes["after_up1"] = tuple(output.shape)

    generator.project.register_forward_hook(look)
    generator.up1.register_forward_hook(look)
    generator(torch.randn(5, 64))
    return shapes


def check_after_project(submission):
    """The long row."""
    words = compare(submission, happened(), "after_project")
    assert not words, words + " `size` is 2 * 32 * (32 // 4) * (32 // 4) = 4096."


def check_after_view(submission):
    """The same numbers as small pictures."""
    words = compare(submission, happened(), "after_view")
    assert not words, words + " 4096 numbers as pictures of 8 x 8 are 4096 / 64 = 64 channels."


def check_after_up1(submission):
    """Twice as high and wide."""
    words = compare(submission, happened(), "after_up1")
    assert not words, (
        words + " It doubles 8 to 16: (8 - 1) * 2 - 2 * 1 + 4; and it makes 32 channels of 64."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
