"""Width, dtype, places, then two calls."""

import torch


def check_width(submission):
    """Always num_classes."""
    rows = submission.one_hot(torch.tensor([0, 3]), 10)
    assert rows.shape == (2, 10), (
        f"Two labels of ten classes give (2, 10); yours is {tuple(rows.shape)}."
    )


def check_float(submission):
    """A layer wants floats."""
    rows = submission.one_hot(torch.tensor([1]), 3)
    assert rows.dtype == torch.float32, (
        f"Floats are wanted, to stand beside noise; yours are {rows.dtype}."
    )


def check_places(submission):
    """A single 1, at the label."""
    rows = submission.one_hot(torch.tensor([2, 0, 2]), 4)
    expected = [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert rows.tolist() == expected, (
        f"Labels 2, 0, 2 of four give {expected}; yours are {rows.tolist()}."
    )


def check_anew(submission):
    """A second call."""
    first = submission.one_hot(torch.tensor([1, 1]), 4)
    second = submission.one_hot(torch.tensor([2, 0]), 4)
    assert second.sum().item() == 2, (
        f"Two labels have two ones; your second call, after one with other labels, gives {second.tolist()}."
    )
    assert first.sum().item() == 2, "The first call's rows changed with the second."


def observe(submission, rng):
    labels = torch.randint(4, (5,), generator=rng)
    seen = []
    for batch in (labels, torch.tensor([0, 1, 0, 1, 2]), labels.flip(0)):
        rows = submission.one_hot(batch, 6)
        seen.append([str(rows.dtype), rows.clone()])
    return seen
