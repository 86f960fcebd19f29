"""From the plainest case to the one with everything: each check adds one thing."""

import torch
import torch.nn.functional as F


def expect(submission, sizes, why):
    i, k, p, s = sizes
    expected = F.conv1d(torch.zeros(1, 1, i), torch.zeros(1, 1, k), padding=p, stride=s).shape[-1]
    returned = submission.conv_output_size(i, k, p, s)
    assert returned == expected, (
        f"`conv_output_size({i}, {k}, {p}, {s})` returned {returned!r}; `F.conv1d` gives "
        f"{expected}. {why}"
    )


def check_plain(submission):
    """No padding, one pixel at a time."""
    expect(submission, (7, 3, 0, 1), "A filter of 3 on 7 pixels begins at pixel 0, 1, 2, 3 or 4.")


def check_padding(submission):
    """Padding stands on both sides."""
    expect(submission, (7, 3, 1, 1), "With one zero on each side the row has 9 pixels.")


def check_stride(submission):
    """The filter takes every s-th place."""
    expect(submission, (9, 3, 0, 2), "It begins at pixel 0, 2, 4 or 6.")


def check_rest(submission):
    """A stride that does not fit any more is not taken."""
    expect(
        submission, (28, 5, 2, 2), "27 pixels of room are 13 whole strides; the rest is left over."
    )
    expect(submission, (6, 4, 1, 3), "4 pixels of room are one whole stride of 3.")


def check_whole_number(submission):
    """A size is a whole number."""
    returned = submission.conv_output_size(9, 3, 0, 2)
    assert isinstance(returned, int) and not isinstance(returned, bool), (
        f"`conv_output_size(9, 3, 0, 2)` returned {returned!r}, a {type(returned).__name__}. "
        "A layer's size must be an `int`: use `//`."
    )


def observe(submission, rng):
    probes = [(7, 3, 0, 1), (28, 5, 2, 2), (6, 4, 1, 3), (9, 3, 0, 2)]
    for _ in range(12):
        k = int(torch.randint(1, 6, (), generator=rng))
        i = int(torch.randint(k, 30, (), generator=rng))
        p = int(torch.randint(0, 4, (), generator=rng))
        s = int(torch.randint(1, 5, (), generator=rng))
        probes.append((i, k, p, s))
    answers = [submission.conv_output_size(*probe) for probe in probes]
    return [[type(a).__name__, float(a)] for a in answers]
