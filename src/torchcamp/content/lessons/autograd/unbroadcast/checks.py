"""Nothing stretched, a missing axis, an axis of size 1, both, several of size 1."""

import torch

from torchcamp.course.judge.checks import attempt


def right(grad, shape):
    x = torch.zeros(shape, requires_grad=True)
    return torch.autograd.grad(x.expand(grad.shape), x, grad)[0]


def expect(submission, large, shape):
    torch.manual_seed(1)
    grad = torch.randint(-3, 4, large).float()
    returned, expected = submission.unbroadcast(grad.clone(), shape), right(grad, shape)
    assert tuple(returned.shape) == shape, (
        f"A tensor of shape {shape}, stretched to {large}: your gradient has the shape "
        f"{tuple(returned.shape)}."
    )
    assert torch.allclose(returned, expected, atol=1e-5), (
        f"A tensor of shape {shape}, stretched to {large}, with grad {grad.tolist()}: your gradient is "
        f"{returned.tolist()}; {expected.tolist()} is right."
    )


def check_nothing_stretched(submission):
    """Then nothing is to be done."""
    expect(submission, (2, 3), (2, 3))


def check_missing_axis(submission):
    """A bias."""
    expect(submission, (4, 3), (3,))
    expect(submission, (2, 3, 2), (2,))


def check_size_one(submission):
    """A column, a row."""
    expect(submission, (4, 3), (4, 1))
    expect(submission, (4, 3), (1, 3))


def check_both(submission):
    """A scalar, and both kinds at once."""
    expect(submission, (2, 3), ())
    expect(submission, (2, 4, 3), (4, 1))
    expect(submission, (2, 1, 3), (1, 3))


def check_two_of_size_one(submission):
    """Several axes of size 1 at once."""
    expect(submission, (2, 2, 2), (1, 1, 2))
    expect(submission, (3, 4), (1, 1))


def observe(submission, rng):
    seen = []
    for large, shape in (((2, 3), (2, 3)), ((4, 3), (3,)), ((4, 3), (4, 1)), ((4, 3), (1, 3)),
                         ((2, 3), ()), ((2, 4, 3), (4, 1)), ((2, 2, 2), (1, 1, 2)),
                         ((3, 4), (1, 1))):  # fmt: skip
        grad = torch.randn(large, generator=rng)
        seen.append(attempt(lambda g=grad, s=shape: submission.unbroadcast(g, s), words=True))
    return seen
