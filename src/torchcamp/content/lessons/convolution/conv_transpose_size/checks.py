"""Stride 1, stride 2, padding, then the rim."""

import torch
import torch.nn.functional as F


def expect(submission, i, k, p, s, op, why):
    expected = F.conv_transpose1d(
        torch.zeros(1, 1, i), torch.zeros(1, 1, k), padding=p, stride=s, output_padding=op
    ).shape[-1]
    returned = submission.conv_transpose_size(i, k, p, s, op)
    assert returned == expected, (
        f"`conv_transpose_size({i}, {k}, {p}, {s}, {op})` returned {returned!r}; "
        f"`F.conv_transpose1d` gives {expected}. {why}"
    )


def check_stride_one(submission):
    """Neighbours paint one pixel apart."""
    expect(submission, 3, 2, 0, 1, 0, "The last filter begins at pixel 2 and has 2 pixels.")


def check_stride(submission):
    """Neighbours paint s pixels apart."""
    expect(submission, 4, 5, 0, 2, 0, "The filters begin at 0, 2, 4 and 6; the last ends at 10.")
    expect(submission, 3, 2, 0, 3, 0, "The filters begin at 0, 3 and 6.")


def check_padding(submission):
    """Padding cuts off, on both sides."""
    expect(submission, 4, 5, 2, 2, 0, "Two pixels are cut off at each end of 11.")


def check_output_padding(submission):
    """A rim on one side."""
    expect(submission, 7, 5, 2, 2, 1, "7 become 14, half of a digit's 28.")


def observe(submission, rng):
    seen = [
        float(submission.conv_transpose_size(*sizes))
        for sizes in ((3, 2, 0, 3, 0), (4, 1, 0, 3, 1))
    ]
    for _ in range(8):
        i, k = (
            int(torch.randint(2, 9, (), generator=rng)),
            int(torch.randint(3, 6, (), generator=rng)),
        )
        s, p = (
            int(torch.randint(2, 4, (), generator=rng)),
            int(torch.randint(0, 2, (), generator=rng)),
        )
        op = int(torch.randint(0, s, (), generator=rng))
        seen.append(float(submission.conv_transpose_size(i, k, p, s, op)))
    return seen
