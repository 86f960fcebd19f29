"""Near zero first, then the symmetry, then far out."""

import torch

from torchcamp.base.plain import plain
from torchcamp.course.judge.checks import attempt
from torchcamp.course.judge.equality import alike

NEAR = torch.tensor([-2.0, -0.5, 0.0, 1.0, 3.0])
FAR = torch.tensor([-1000.0, -100.0, -50.0, 50.0, 100.0, 1000.0])


def expect(name, x, returned, expected, atol=1e-5):
    wrong = ~((returned - expected).abs() <= atol)
    if wrong.any():
        i = int(wrong.nonzero()[0])
        raise AssertionError(
            f"`{name}({x[i]:g})` is {returned[i]:.4g}; {expected[i]:.4g} is right."
        )


def check_sigmoid(submission):
    """Between 0 and 1, one half at 0."""
    expect("sigmoid", NEAR, submission.sigmoid(NEAR), torch.sigmoid(NEAR))


def check_tanh(submission):
    """Between -1 and 1, 0 at 0."""
    expect("tanh", NEAR, submission.tanh(NEAR), torch.tanh(NEAR))


def check_sigmoid_far_out(submission):
    """No nan, whichever way."""
    expect("sigmoid", FAR, submission.sigmoid(FAR), torch.sigmoid(FAR))


def check_tanh_far_out(submission):
    """No nan, whichever way."""
    expect("tanh", FAR, submission.tanh(FAR), torch.tanh(FAR))


def far_out(function, right):
    """What a function gives far out; "stays short" if it is the same on each side, and not the limit."""
    found = attempt(lambda: function(FAR.clone()))
    if not isinstance(found, torch.Tensor) or found.shape != FAR.shape:
        return found
    left, far_right = found[:3], found[3:]
    is_flat = bool((left == left[0]).all() and (far_right == far_right[0]).all())
    is_short = bool((found > right[0] + 1e-5).all() and (found < right[-1] - 1e-5).all())
    is_even = bool(
        left[0] < far_right[0] and (left[0] + far_right[0] - right[0] - right[-1]).abs() < 1e-5
    )
    return "stays short" if is_flat and is_short and is_even else found


def observe(submission, rng):
    """Sigmoid, and if it is right, tanh: it may be made of sigmoid, or not be written yet."""
    near = (3 * torch.randn(5, generator=rng)).clamp(-4, 4)
    seen = []
    for function, right in ((submission.sigmoid, torch.sigmoid), (submission.tanh, torch.tanh)):
        seen.append([attempt(lambda f=function: f(near.clone())), far_out(function, right(FAR))])
        if not alike(plain(seen[-1]), plain([right(near), right(FAR)])):
            break
    return seen
