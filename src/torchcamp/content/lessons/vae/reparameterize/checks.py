"""Mean, spread, independence, then the gradients."""

import math

import torch

from torchcamp.reading.probes import generator_misuse, moves_random_state


def draw(submission, mu=0.0, logvar=0.0, shape=(4000, 3), seed=0):
    rng = torch.Generator().manual_seed(seed)
    return submission.reparameterize(torch.full(shape, mu), torch.full(shape, logvar), rng)


def check_without_spread(submission):
    """A tiny variance gives the mean."""
    z = draw(submission, 3.0, -40.0)
    assert z.shape == (4000, 3), f"mu is (4000, 3); your z is {tuple(z.shape)}."
    assert (z - 3).abs().max() < 1e-2, (
        f"With logvar = -40 every draw is mu = 3; yours lie between {z.min():.2f} and {z.max():.2f}."
    )


def check_noise(submission):
    """At mu = 0, logvar = 0 the draws are standard normal."""
    z = draw(submission)
    assert abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.1, (
        f"With mu = 0 and logvar = 0 draws have the mean 0 and the deviation 1; yours have {z.mean():.3f} and "
        f"{z.std():.3f}."
    )


def check_spread(submission):
    """The deviation follows logvar."""
    z = draw(submission, 0.0, math.log(4))
    assert abs(z.std() - 2) < 0.2, (
        f"For logvar = log 4 the deviation is 2; over 12,000 draws yours is {z.std():.3f}."
    )


def check_own_noise(submission):
    """Each picture and each latent has its own."""
    z = draw(submission, shape=(200, 3))
    assert z.std(dim=0).mean() > 0.5, "All pictures of the batch got the same noise."
    assert z.std(dim=1).mean() > 0.3, "All latents of a picture got the same noise."


def check_gradients(submission):
    """The encoder hears of it."""
    mu, logvar = torch.zeros(500, 2, requires_grad=True), torch.zeros(500, 2, requires_grad=True)
    z = submission.reparameterize(mu, logvar, torch.Generator().manual_seed(0))
    assert z.requires_grad, "No gradient passes through your draw."
    z.square().sum().backward()
    for name, p in (("mu", mu), ("logvar", logvar)):
        assert p.grad is not None and p.grad.abs().sum() > 0, f"No gradient reaches {name}."


def check_generator(submission):
    """The given generator."""
    misuse = generator_misuse(
        lambda generator: submission.reparameterize(torch.zeros(5, 3), torch.zeros(5, 3), generator)
    )
    assert misuse is None, misuse


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    z, wide, thin = (
        draw(submission, seed=seed),
        draw(submission, 0.0, math.log(4), seed=seed),
        draw(submission, 3.0, -40.0, seed=seed),
    )
    mu, logvar = torch.zeros(50, 2, requires_grad=True), torch.zeros(50, 2, requires_grad=True)
    drawn = submission.reparameterize(mu, logvar, rng)
    grads = [False, False]
    if drawn.requires_grad:
        found = torch.autograd.grad(drawn.square().sum(), [mu, logvar], allow_unused=True)
        grads = [g is not None and bool(g.any()) for g in found]
    coarse = [
        round(float(x) * 8) if x.isfinite() else str(float(x))
        for x in (z.mean(), z.std(), wide.std(), thin.mean(), thin.std())
    ]
    shared = moves_random_state(lambda: draw(submission, shape=(5, 3)))
    return [
        shared,
        *coarse,
        bool(z.std(0).mean() > 0.1),
        bool(z.std(1).mean() > 0.1),
        grads,
        list(z.shape),
    ]
