"""One step, several, several examples, then what is left behind."""

import torch

from torchcamp.course.judge.checks import attempt


def square(w):
    return w.flatten() ** 2


def line(w):
    x = torch.tensor([0.0, 1.0, 2.0])
    return (w[0] + w[1] * x - torch.tensor([1.0, 3.0, 5.0])) ** 2


def walk(errors, start, lr, num_steps):
    w = start.clone()
    for _ in range(num_steps):
        point = w.clone().requires_grad_()
        w = w - lr * torch.autograd.grad(errors(point).sum(), point)[0]
    return w


def show(tensor):
    return [round(v, 4) for v in tensor.detach().flatten().tolist()]


def expect(submission, errors, start, lr, num_steps, words):
    start = torch.tensor(start)
    returned = submission.gradient_descent(errors, start.clone(), lr, num_steps)
    expected = walk(errors, start, lr, num_steps)
    assert isinstance(returned, torch.Tensor) and returned.shape == start.shape, (
        "Return a tensor of the shape of start."
    )
    assert torch.allclose(returned, expected, atol=1e-4), (
        f"{words}, from {show(start)} with lr {lr}, {num_steps} step{'s' * (num_steps > 1)}: you arrive "
        f"at {show(returned)}; {show(expected)} is right."
    )


def check_one_step(submission):
    """One example, one step."""
    expect(submission, square, [3.0], 0.25, 1, "errors(w) = w²")


def check_more_steps(submission):
    """Each step by its own gradient."""
    expect(submission, square, [3.0], 0.25, 2, "errors(w) = w²")
    expect(submission, square, [3.0], 0.125, 4, "errors(w) = w²")


def check_several_examples(submission):
    """The sum of their errors."""
    expect(submission, line, [0.0, 0.0], 0.05, 1, "A line through three points")
    expect(submission, line, [0.0, 0.0], 0.05, 30, "A line through three points")


def check_left_behind(submission):
    """start unchanged, no graph."""
    start = torch.tensor([3.0])
    returned = submission.gradient_descent(square, start, 0.25, 2)
    assert start.tolist() == [3.0] and not start.requires_grad and start.grad is None, (
        f"`start` was [3.0] and is {start.tolist()} (requires_grad {start.requires_grad}) after the "
        "call: work on a copy."
    )
    assert not returned.requires_grad, "What you return still holds a graph: `.detach()` it."


def observe(submission, rng):
    start = torch.randn(2, generator=rng)
    seen = []
    for errors, num_steps in ((square, 1), (square, 3), (line, 1), (line, 3)):
        kept = start.clone()
        returned = attempt(
            lambda e=errors, n=num_steps, k=kept: submission.gradient_descent(e, k, 0.03, n),
            words=True,
        )
        seen.append([returned, kept, kept.requires_grad, getattr(returned, "requires_grad", None)])
    return seen
