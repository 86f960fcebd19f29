"""Guessing, each half, together; then a sure D and its gradient."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt


def right(real, fake):
    one, zero = torch.ones_like(real), torch.zeros_like(fake)
    return float(
        F.binary_cross_entropy_with_logits(real, one)
        + F.binary_cross_entropy_with_logits(fake, zero)
    )


def expect(submission, real, fake, words):
    real, fake = torch.tensor(real), torch.tensor(fake)
    returned = submission.discriminator_loss(real, fake)
    assert returned.dim() == 0, f"A scalar is wanted; yours is {tuple(returned.shape)}."
    returned, expected = float(returned), right(real, fake)
    assert abs(returned - expected) < 1e-3, (
        f"{words}: your loss is {returned:.4f}; it is {expected:.4f}."
    )


def check_guessing(submission):
    """D knows nothing."""
    expect(submission, [0.0, 0.0], [0.0, 0.0], "All logits 0")


def check_real_half(submission):
    """Real pictures."""
    expect(submission, [3.0, 1.0], [0.0, 0.0], "Real logits 3 and 1, fakes 0")


def check_fake_half(submission):
    """Fakes."""
    expect(submission, [0.0, 0.0], [-3.0, -1.0], "Fake logits -3 and -1, real ones 0")


def check_unequal(submission):
    """Batches of different size: each half is a mean."""
    expect(submission, [2.0, -1.0, 0.5], [1.0], "Three real pictures, one fake")
    expect(submission, [2.0, -1.0, 0.5], [1.0, 0.2], "Three real pictures, two fakes")


def check_sure(submission):
    """A logit of 50 on a fake."""
    real, fake = torch.tensor([50.0]), torch.tensor([50.0], requires_grad=True)
    loss = submission.discriminator_loss(real, fake)
    loss.backward()
    assert torch.isfinite(loss) and abs(float(loss) - 50) < 1e-2, (
        f"A fake with the logit 50 costs 50 nats; your loss is {float(loss):.4f}."
    )
    assert fake.grad is not None, (
        "`backward()` on your loss leaves the `.grad` of the fakes' logits at None: its graph does not reach them."
    )
    assert abs(float(fake.grad) - 1) < 1e-3, (
        f"Its gradient is 1: D must learn most where it is most wrong; yours is {float(fake.grad):.4g}."
    )


def observe(submission, rng):
    real, fake = torch.randn(2, 5, generator=rng)
    fake = fake.requires_grad_()
    loss = submission.discriminator_loss(real, fake)
    (grad,) = torch.autograd.grad(loss, fake)
    far = torch.tensor([50.0], requires_grad=True)
    cost = submission.discriminator_loss(far.detach(), far)
    (push,) = torch.autograd.grad(cost, far)
    # Not where it ends: that depends on the small number.
    ends = "lost" if not torch.isfinite(cost) else "early" if cost < 40 else round(float(cost))
    unequal = attempt(lambda: float(submission.discriminator_loss(real, fake[:2])))
    return [loss, grad, round(float(push.nan_to_num(-9.0)), 2), ends, unequal]
