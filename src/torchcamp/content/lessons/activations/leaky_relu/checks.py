"""ReLU, then the leak, then a slope above one, then what became of the input."""

import torch
import torch.nn.functional as F

from torchcamp.base.plain import plain
from torchcamp.course.judge.checks import attempt
from torchcamp.course.judge.equality import alike

POINTS = torch.tensor([-5.0, -1.0, 0.0, 0.5, 3.0])


def expect(returned, expected, call):
    assert isinstance(returned, torch.Tensor) and returned.shape == expected.shape, (
        f"`{call}` must return a tensor of the shape of x."
    )
    assert torch.allclose(returned.float(), expected, atol=1e-5), (
        f"For x = {POINTS.tolist()}, `{call}` gave {[round(v, 4) for v in returned.tolist()]}; "
        f"{[round(v, 4) for v in expected.tolist()]} is right."
    )


def check_relu(submission):
    """Negative numbers become 0, the others stay."""
    expect(submission.relu(POINTS.clone()), F.relu(POINTS), "relu(x)")


def check_leaky(submission):
    """A small slope below zero."""
    expect(
        submission.leaky_relu(POINTS.clone(), 0.2), F.leaky_relu(POINTS, 0.2), "leaky_relu(x, 0.2)"
    )


def check_any_slope(submission):
    """Slopes of 0, of more than 1, and below 0."""
    for slope in (0.0, 2.0, -0.5):
        expect(
            submission.leaky_relu(POINTS.clone(), slope),
            F.leaky_relu(POINTS, slope),
            f"leaky_relu(x, {slope})",
        )


def check_input_unchanged(submission):
    """x is the caller's."""
    for function in (submission.relu, lambda x: submission.leaky_relu(x, 0.2)):
        x = POINTS.clone()
        function(x)
        assert torch.equal(x, POINTS), (
            f"After the call, x = {POINTS.tolist()} has become {x.tolist()}: it was overwritten."
        )


def observe(submission, rng):
    """ReLU, and if it is right, the leak: it may be made of ReLU, or not be written yet."""
    x = 4 * torch.randn(6, generator=rng)
    kept, other = x.clone(), x.clone()
    relu = attempt(lambda: submission.relu(kept), words=True)
    if not alike(plain([relu, kept]), plain([F.relu(x), x])):
        return [relu, kept]
    return [
        relu,
        *(
            attempt(lambda s=s: submission.leaky_relu(x.clone(), s), words=True)
            for s in (0.2, 0.0, 2.0, -0.5)
        ),
        attempt(lambda: submission.leaky_relu(other, 0.2), words=True),
        other,
    ]
