"""Without KL, without reconstruction, both; then gradients and large logits."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import expect_graph


def batch(seed=0, num_pixels=784, size=6):
    generator = torch.Generator().manual_seed(seed)
    x = (torch.rand(size, num_pixels, generator=generator) < 0.3).float()
    logits = 3 * torch.randn(size, num_pixels, generator=generator)
    return x, logits, 20 * torch.rand(size, generator=generator)


def right(x, logits, kl):
    return float(
        F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).add(kl).mean()
    )


def expect(submission, parts, words):
    returned = submission.negative_elbo(*parts)
    assert returned.dim() == 0, f"A scalar is wanted; yours is {tuple(returned.shape)}."
    returned, expected = float(returned), right(*parts)
    assert abs(returned - expected) < 1e-2 + 1e-4 * expected, (
        f"{words}: your loss is {returned:.4f} nats; it is {expected:.4f}."
    )


def check_worked(submission):
    """784 coins."""
    x = torch.zeros(2, 784)
    expect(submission, (x, x, torch.zeros(2)), "784 pixels with logit 0, KL = 0")


def check_reconstruction(submission):
    """Random logits, no KL."""
    x, logits, kl = batch()
    expect(submission, (x, logits, 0 * kl), "Random logits, KL = 0")


def check_both(submission):
    """With the KL, for batches of several sizes."""
    for size in (6, 3):
        expect(submission, batch(size=size), f"Random logits and KL, {size} pictures")


def check_large_logits(submission):
    """A sure decoder."""
    x = torch.tensor([[1.0, 0.0]])
    parts = (x, torch.tensor([[-200.0, 200.0]]), torch.zeros(1))
    returned = float(submission.negative_elbo(*parts))
    assert abs(returned - 400) < 1e-1, (
        f"A decoder that is 200 nats wrong about each of two pixels costs 400; your loss is {returned}."
    )


def check_graph(submission):
    """Decoder and encoder learn from it."""
    x, logits, kl = batch()
    expect_graph(lambda logits, kl: submission.negative_elbo(x, logits, kl), logits=logits, kl=kl)


def observe(submission, rng):
    x, logits, kl = batch(int(torch.randint(1000, (), generator=rng)), num_pixels=20)
    f = submission.negative_elbo
    usual = f(x, logits, kl)
    seen = [usual, f(x, logits, 0 * kl), f(x, 0 * logits, 0 * kl)]
    if usual.dim() or abs(float(usual) - right(x, logits, kl)) > 1e-2:
        return seen  # a logarithm that breaks as well is told no other thing
    large = float(f(torch.tensor([[1.0, 0.0]]), torch.tensor([[-200.0, 200.0]]), torch.zeros(1)))
    return [*seen, abs(large - 400) < 1]
