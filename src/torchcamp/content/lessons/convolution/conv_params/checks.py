"""One channel, several, with a bias, on another picture."""

import torch
from torch import nn


def expect(submission, ic, oc, k, bias, size):
    layer = nn.Conv2d(ic, oc, k, bias=bias)
    expected = sum(p.numel() for p in layer.parameters())
    returned = submission.conv_params(ic, oc, k, bias, size)
    assert returned == expected, (
        f"in_channels {ic}, out_channels {oc}, kernel_size {k}, bias {bias}, pictures of {size} x {size}: "
        f"you count {returned}; the layer has {expected}."
    )


def check_one_channel(submission):
    """Filters without a bias."""
    expect(submission, 1, 1, 3, False, 28)
    expect(submission, 1, 4, 5, False, 28)


def check_channels(submission):
    """A filter has a layer for each input channel."""
    expect(submission, 3, 16, 5, False, 32)


def check_bias(submission):
    """One number per filter."""
    expect(submission, 3, 16, 5, True, 32)


def check_other_pictures(submission):
    """The same filters on a larger picture."""
    for size in (28, 224):
        expect(submission, 2, 3, 3, True, size)


def observe(submission, rng):
    seen = []
    for bias in (False, True, True):
        ic, oc = (int(torch.randint(2, 7, (), generator=rng)) for _ in range(2))
        k, size = (
            int(torch.randint(2, 6, (), generator=rng)),
            int(torch.randint(7, 30, (), generator=rng)),
        )
        seen.append(submission.conv_params(ic, oc + 7, k, bias, size))
    return seen
