"""Ordinary logits, soft targets, far logits, then gradients there."""

import math

import torch
import torch.nn.functional as F


def value_and_gradient(function, z, y):
    logits = torch.tensor([z], requires_grad=True)
    loss = function(logits, torch.tensor([y]))
    (gradient,) = torch.autograd.grad(loss, logits)
    return loss.item(), gradient.item()


def check_values(submission):
    """Between -3 and 3."""
    for z, y in ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (-3.0, 1.0), (3.0, 1.0)):
        logits, target = torch.tensor([z]), torch.tensor([y])
        returned = submission.bce_with_logits(logits, target)
        expected = F.binary_cross_entropy_with_logits(logits, target).item()
        assert returned.dim() == 0, f"Return a scalar, not the shape {tuple(returned.shape)}."
        assert abs(returned.item() - expected) < 1e-4, (
            f"Logit {z:g}, target {y:g}: your loss is {returned.item():.4f}; {expected:.4f} is right."
        )


def check_mean_and_soft_targets(submission):
    """A table of logits, targets between 0 and 1."""
    logits = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    target = torch.tensor([[0.9, 0.2, 1.0], [0.5, 0.0, 0.3]])
    returned = submission.bce_with_logits(logits, target).item()
    expected = F.binary_cross_entropy_with_logits(logits, target).item()
    assert abs(returned - expected) < 1e-4, (
        f"Two rows of three with targets such as 0.9: your loss is {returned:.4f}; {expected:.4f} is "
        "right."
    )


FAR = ((20.0, 0.0), (-20.0, 1.0), (100.0, 0.0), (-100.0, 1.0), (100.0, 1.0))


def check_far_values(submission):
    """Sure and wrong."""
    for z, y in FAR:
        logits, target = torch.tensor([z]), torch.tensor([y])
        returned = submission.bce_with_logits(logits, target).item()
        expected = F.binary_cross_entropy_with_logits(logits, target).item()
        assert abs(returned - expected) < 1e-3, (
            f"Logit {z:g}, target {y:g}: your loss is {returned:.4f}; {expected:.4f} is right."
        )


def check_far_gradients(submission):
    """The gradient is p - y, everywhere."""
    for z, y in FAR:
        value, gradient = value_and_gradient(submission.bce_with_logits, z, y)
        expected = value_and_gradient(F.binary_cross_entropy_with_logits, z, y)[1]
        assert abs(gradient - expected) < 1e-3, (
            f"Logit {z:g}, target {y:g}: the loss is {value:.4f}, its gradient {gradient:.4f}; "
            f"{expected:.4f} is right."
        )


def observe(submission, rng):
    from torchcamp.course.judge.checks import attempt

    logits = 2 * torch.randn(2, 3, generator=rng)
    hard = torch.randint(2, (2, 3), generator=rng).float()
    soft = torch.rand(2, 3, generator=rng)
    seen = [attempt(lambda y=y: submission.bce_with_logits(logits, y)) for y in (hard, soft)]
    # Not further out: there it depends on how sigmoid itself was written.
    far = [(20.0, 0.0), (-20.0, 1.0), (30.0, 0.0), (20.0, 1.0)]
    fine = True  # up to here; only then is it looked at further out
    for z, y in (*far, (100.0, 0.0), (-100.0, 1.0)):
        if abs(z) == 100 and not fine:
            seen.append("not asked")
            continue
        both = attempt(lambda z=z, y=y: value_and_gradient(submission.bce_with_logits, z, y))
        if isinstance(both, dict):  # what was raised
            seen.append(both)
            fine = False
            continue
        right = value_and_gradient(F.binary_cross_entropy_with_logits, z, y)
        # inf or nan: which of them depends on how sigmoid was written. How far short the loss falls
        # depends on which small number somebody chose.
        value, gradient = (v if math.isfinite(v) else "lost" for v in both)
        if value != "lost" and value < right[0] - 1e-3:
            value = "less"
        if gradient != "lost":
            near = abs(gradient - right[1]) < 1e-3
            gradient = "right" if near else 0 if gradient == 0 else "other"
        fine = fine and value not in ("lost", "less") and gradient == "right"
        seen.append([value, gradient])
    return seen
