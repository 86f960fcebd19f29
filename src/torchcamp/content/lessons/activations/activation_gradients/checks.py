"""Each against what PyTorch's tape gives."""

import torch
import torch.nn.functional as F

from torchcamp.base.plain import plain
from torchcamp.course.judge.checks import attempt
from torchcamp.course.judge.equality import alike

POINTS = torch.tensor([-3.0, -0.5, 0.0, 0.5, 2.0])


def expect(name, returned, function):
    x = POINTS.clone().requires_grad_()
    (expected,) = torch.autograd.grad(function(x).sum(), x)
    wrong = ~((returned - expected).abs() <= 1e-5)
    if wrong.any():
        i = int(wrong.nonzero()[0])
        raise AssertionError(
            f"`{name}` at {POINTS[i]:g} is {returned[i]:.4f}; PyTorch's tape gives {expected[i]:.4f}."
        )


def check_sigmoid(submission):
    """A bell, 0.25 at its top."""
    expect("d_sigmoid", submission.d_sigmoid(POINTS.clone()), torch.sigmoid)


def check_tanh(submission):
    """A bell, 1 at its top."""
    expect("d_tanh", submission.d_tanh(POINTS.clone()), torch.tanh)


def check_leaky(submission):
    """Two slopes."""
    for slope in (0.2, 0.0):
        expect(
            "d_leaky_relu",
            submission.d_leaky_relu(POINTS.clone(), slope),
            lambda x, s=slope: F.leaky_relu(x, s),
        )


def observe(submission, rng):
    """One derivative after the other, up to the first that is wrong: the others may not be written yet."""
    x = torch.cat([2 * torch.randn(5, generator=rng), torch.zeros(1)])
    parts = (
        (submission.d_sigmoid, torch.sigmoid, ()),
        (submission.d_tanh, torch.tanh, ()),
        (submission.d_leaky_relu, F.leaky_relu, (0.2,)),
    )
    seen = []
    for function, forward, slope in parts:
        leaf = x.clone().requires_grad_()
        (right,) = torch.autograd.grad(forward(leaf, *slope).sum(), leaf)
        seen.append(attempt(lambda f=function, s=slope: f(x.clone(), *s)))
        if not alike(plain(seen[-1]), plain(right)):
            break
    return seen
