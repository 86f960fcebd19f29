"""One row, a table along either axis, more axes, then large numbers."""

import math

import torch


def expect(submission, x, dim, words):
    returned = submission.softmax(x.clone(), dim)
    expected = torch.softmax(x, dim)
    assert returned.shape == x.shape, (
        f"{words}: x has shape {tuple(x.shape)}, your result {tuple(returned.shape)}."
    )
    sums = [round(v, 3) for v in returned.sum(dim).flatten()[:4].tolist()]
    assert torch.allclose(returned, expected, atol=1e-5), (
        f"{words}: your result is {[round(v, 3) for v in returned.flatten()[:6].tolist()]}, "
        f"{[round(v, 3) for v in expected.flatten()[:6].tolist()]} is right. Along dim={dim} yours "
        f"sums to {sums}."
    )


def check_one_row(submission):
    """Logits of one picture."""
    expect(submission, torch.tensor([0.0, math.log(3.0)]), 0, "Logits [0, ln 3]")


def check_rows(submission):
    """A batch: each row sums to 1."""
    x = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    expect(submission, x, 1, "A batch of two rows, dim=1")


def check_columns(submission):
    """The axis is the caller's choice."""
    x = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    expect(submission, x, 0, "The same batch, dim=0")
    expect(submission, x[None] * torch.tensor([[[1.0]], [[2.0]]]), -1, "Three axes, dim=-1")


def check_large_logits(submission):
    """No nan."""
    x = torch.tensor([[1000.0, 1000.0 + math.log(3.0)], [-1000.0, -1000.0]])
    returned = submission.softmax(x.clone(), 1)
    assert torch.isfinite(returned).all(), (
        f"Logits {[[round(v, 1) for v in row] for row in x.tolist()]} gave {returned.tolist()}."
    )
    expect(submission, x, 1, "Logits around 1000 and -1000")
    expect(submission, torch.tensor([-500.0, 0.0, 500.0]), 0, "Logits far apart")


def observe(submission, rng):
    from torchcamp.course.judge.checks import attempt

    x = 2 * torch.randn(2, 3, 4, generator=rng)
    seen = [attempt(lambda d=d: submission.softmax(x.clone(), d)) for d in (0, 1, 2, -1)]
    seen.append(attempt(lambda: submission.softmax(x[0].clone(), 1)))
    seen.append(attempt(lambda: submission.softmax(x[0].clone(), 0)))
    # Far beyond whatever an answer may cut off: how far does not matter then.
    far = 1000 * torch.sign(x[0]) + 200 * x[0]
    seen.append(attempt(lambda: submission.softmax(far.clone(), 1)))
    close = 1000 + torch.randn(2, 3, generator=rng)
    seen.append(attempt(lambda: submission.softmax(close.clone(), 1)))
    return seen
