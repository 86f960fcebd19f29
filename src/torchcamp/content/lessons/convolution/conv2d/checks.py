"""One window, then a picture, channels, bias, stride, padding, and filters that are not square."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt


def expect(
    submission, words, b=1, ic=1, oc=1, size=(4, 5), k=(2, 2), stride=1, padding=0, bias=False
):
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 5, (b, ic, *size), generator=generator).float()
    weight = torch.randint(-3, 4, (oc, ic, *k), generator=generator).float()
    bias = 10 * torch.arange(1.0, oc + 1) if bias else torch.zeros(oc)
    expected = F.conv2d(x, weight, bias, stride, padding)
    returned = submission.conv2d(x.clone(), weight.clone(), bias, stride, padding)
    assert tuple(returned.shape) == tuple(expected.shape), (
        f"{words}: your output has the shape {tuple(returned.shape)}; {tuple(expected.shape)} is right."
    )
    wrong = ~torch.isclose(returned, expected, atol=1e-3)
    if wrong.any():
        place = tuple(int(i) for i in wrong.nonzero()[0])
        raise AssertionError(
            f"{words}: at {place} your output is {returned[place].item():g}; {expected[place].item():g} "
            "is right."
        )


def check_one_window(submission):
    """The statement's own."""
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    weight = torch.tensor([[[[10.0, 20.0], [30.0, 40.0]]]])
    returned = submission.conv2d(x, weight, torch.zeros(1))
    assert tuple(returned.shape) == (1, 1, 1, 1) and returned.item() == 300, (
        f"[[1, 2], [3, 4]] under [[10, 20], [30, 40]] gave {returned.flatten().tolist()}; 300 is right."
    )


def check_picture(submission):
    """A filter slides over a picture."""
    expect(submission, "One channel, a 2 x 2 filter")
    expect(submission, "One channel, a filter of 3 rows and 2 columns", k=(3, 2))


def check_channels(submission):
    """All input channels count, each filter makes one map."""
    expect(submission, "Three input channels, one filter", ic=3)
    expect(submission, "Three input channels, two filters, two pictures", b=2, ic=3, oc=2)
    expect(submission, "Two input channels, two filters", ic=2, oc=2)


def check_bias(submission):
    """One number per filter."""
    expect(submission, "Two filters with bias 10 and 20", oc=2, bias=True)
    expect(submission, "Two input channels, two filters with bias 10 and 20", ic=2, oc=2, bias=True)
    expect(submission, "Four filters on an output of 4 columns, with a bias", oc=4, bias=True)


def check_padding(submission):
    """Zeros on every side."""
    expect(submission, "Padding 1", k=(3, 3), padding=1)


def check_stride(submission):
    """Every second place, down and across."""
    expect(submission, "Stride 2", size=(5, 6), stride=2)
    expect(submission, "Everything at once", 2, 3, 2, (5, 7), (3, 3), 2, 1, True)


def observe(submission, rng):
    seen = []
    for b, ic, oc, k, stride, padding in ((1, 1, 1, 2, 1, 0), (2, 2, 2, 3, 1, 1), (1, 3, 4, 2, 2, 0),
                                          (1, 2, 4, 2, 1, 0), (1, 1, 1, 2, 2, 1)):  # fmt: skip
        x = torch.randn(b, ic, 5, 5, generator=rng)
        weight = torch.randn(oc, ic, k, k, generator=rng)
        bias = torch.randn(oc, generator=rng)
        seen.append(attempt(lambda a=(x, weight, bias, stride, padding): submission.conv2d(*a)))
    return seen
