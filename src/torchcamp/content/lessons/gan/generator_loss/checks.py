"""A value, the direction, the size of the gradient, then far out."""

import torch


def look(submission, logit):
    z = torch.tensor([logit], requires_grad=True)
    loss = submission.generator_loss(z)
    (grad,) = torch.autograd.grad(loss, z)
    return float(loss), float(grad)


def check_direction(submission):
    """G wants D to say real."""
    loss, grad = look(submission, -1.0)
    assert grad < 0, (
        f"At a logit of -1 the gradient of your loss is {grad:+.3f}: stepping down it makes the logit smaller, so the "
        "fakes look less real."
    )


def check_strength(submission):
    """Strong where G is bad."""
    _, grad = look(submission, -4.595)
    assert abs(grad + 0.99) < 0.02, (
        f"At D = 0.01 the gradient should be -0.99; yours is {grad:.5f}."
    )


def check_value(submission):
    """Nats."""
    for logit, right in ((0.0, 0.6931), (2.0, 0.1269)):
        loss, _ = look(submission, logit)
        assert abs(loss - right) < 1e-3, (
            f"A logit of {logit:.0f} costs {right:.4f}; yours says {loss:.4f}."
        )


def check_mean(submission):
    """Of a batch."""
    z = torch.tensor([0.0, 2.0, -1.0, 3.0])
    loss = submission.generator_loss(z)
    assert loss.dim() == 0, f"A scalar is wanted; yours has the shape {tuple(loss.shape)}."
    assert abs(float(loss) - 0.5455) < 1e-3, (
        f"Logits (0, 2, -1, 3) cost 0.5455 in the mean; yours says {float(loss):.4f}."
    )


def check_far(submission):
    """A hopeless fake."""
    loss, grad = look(submission, -120.0)
    assert abs(loss - 120) < 0.1 and abs(grad + 1) < 1e-2, (
        f"A logit of -120 costs 120 nats with the gradient -1; yours are {loss:.3f} and {grad:.3g}."
    )


def observe(submission, rng):
    z = torch.randn(6, generator=rng).requires_grad_()
    loss = submission.generator_loss(z)
    (grad,) = torch.autograd.grad(loss, z)
    cost, push = (round(v, 2) if abs(v) < 1e4 else "lost" for v in look(submission, -120.0))
    # Not where a small number in the logarithm makes it end: that depends on the number.
    return [loss, grad, "early" if cost != "lost" and 10 < cost < 40 else cost, push]
