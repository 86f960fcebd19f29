"""One number, several, a table, accuracy, what became of x, and where the other entries stand."""

import torch

from torchcamp.course.judge.checks import attempt


def cube(x):
    return (x**3).sum()


def mixed(x):
    return (x.flatten()[0] * x.flatten()[1]).tanh() + x.sin().sum()


def by_rows(x):
    assert x.dim() == 2, (
        f"x has two dimensions; `f` was called with {x.dim()}: keep the shape when you move an entry."
    )
    return (x.sum(dim=1) ** 2).sum()


def expect(submission, f, x, words, atol=1e-4):
    returned = submission.numerical_gradient(f, x.clone())
    (expected,) = torch.autograd.grad(f(point := x.clone().requires_grad_()), point)
    assert tuple(returned.shape) == tuple(x.shape), (
        f"{words}: x has shape {tuple(x.shape)}, your gradient {tuple(returned.shape)}."
    )
    assert torch.allclose(returned.double(), expected, atol=atol), (
        f"{words}: your gradient is {[round(v, 4) for v in returned.flatten().tolist()]}; "
        f"{[round(v, 4) for v in expected.flatten().tolist()]} is right."
    )


def check_one_number(submission):
    """A cube."""
    expect(submission, cube, torch.tensor([2.0], dtype=torch.float64), "x³ at 2", 1e-2)


def check_each_entry(submission):
    """One entry at a time."""
    x = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    expect(submission, mixed, x, "tanh(x0 x1) + the sum of sin x", 1e-2)


def check_table(submission):
    """Any shape, also one that does not lie in one piece."""
    x = torch.tensor([[1.0, -2.0, 0.5], [0.3, 0.1, -1.0]], dtype=torch.float64)
    expect(submission, mixed, x, "The same for a table", 1e-2)
    expect(submission, mixed, x.T, "The same for a transposed table", 1e-2)
    expect(submission, by_rows, x, "The squared sums of the rows of a table", 1e-2)


def check_accuracy(submission):
    """Up and down: the error shrinks with eps squared."""
    x = torch.tensor([2.0], dtype=torch.float64)
    returned = submission.numerical_gradient(cube, x, 0.01).item()
    assert abs(returned - 12.0001) < 2e-5, (
        f"x³ at 2 with eps 0.01: your gradient is {returned:.5f}; up and down it is 12.0001."
    )


def check_input_unchanged(submission):
    """x is the caller's."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    submission.numerical_gradient(cube, x)
    assert x.tolist() == [1.0, 2.0], (
        f"x was [1.0, 2.0] and is {x.tolist()} after the call: it was moved and not put back."
    )


def product(x):
    return x.prod()


def check_others_stay(submission):
    """While one entry moves, the others are where x has them."""
    x = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    # A product is linear in each entry, so up and down give its slopes for any eps.
    returned = submission.numerical_gradient(product, x.clone(), 0.1).double()
    (expected,) = torch.autograd.grad(product(point := x.clone().requires_grad_()), point)
    assert torch.allclose(returned, expected, atol=1e-6), (
        f"x0 x1 x2 at {x.tolist()} with eps 0.1: your gradient is {[round(v, 4) for v in returned.tolist()]}; "
        f"{expected.tolist()} is right. An entry's slope is the product of the two others, which must stand where x has "
        "them while it moves."
    )


def without_a_tape(x):
    with torch.no_grad():
        return cube(x)


def check_without_a_tape(submission):
    """f may be anything that gives a number."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    returned = submission.numerical_gradient(without_a_tape, x).double()
    assert torch.allclose(returned, torch.tensor([3.0, 12.0], dtype=torch.float64), atol=1e-2), (
        "An f that is computed under `no_grad`, the sum of x³ at [1.0, 2.0]: your gradient is "
        f"{[round(v, 4) for v in returned.tolist()]}; [3.0, 12.0] is right."
    )


def observe(submission, rng):
    x = torch.randn(2, 2, generator=rng, dtype=torch.float64)
    kept = x.clone()
    transposed = attempt(lambda: submission.numerical_gradient(mixed, x.T.clone(), 0.05))
    if isinstance(
        transposed, dict
    ):  # `view` refuses such a tensor, which hides every other mistake
        whole = x.T.contiguous()
        transposed = attempt(lambda: submission.numerical_gradient(mixed, whole, 0.05))
    return [
        attempt(lambda: submission.numerical_gradient(mixed, kept)),
        bool(torch.equal(kept, x)),
        attempt(lambda: submission.numerical_gradient(cube, 2 + x, 0.2)),
        attempt(lambda: submission.numerical_gradient(without_a_tape, x.clone())),
        transposed,
    ]
