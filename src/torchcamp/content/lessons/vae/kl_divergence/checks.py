"""At the prior, with a mean, with a variance, then both against torch.distributions."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from torchcamp.course.judge.checks import expect_graph


def right(mu, logvar):
    return kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(1)


def show(values):
    return [round(float(x), 4) for x in values.flatten()[:4]]


def expect(submission, mu, logvar, words):
    returned, expected = submission.kl_divergence(mu, logvar), right(mu, logvar)
    assert returned.shape == expected.shape, (
        f"{words}: one number per picture, {tuple(expected.shape)}; yours is {tuple(returned.shape)}."
    )
    assert torch.allclose(returned, expected, atol=1e-3), (
        f"{words}: your KL is {show(returned)}; it is {show(expected)}."
    )


MU, LOGVAR = torch.tensor([[1.0, -2.0]]), torch.tensor([[math.log(4), math.log(0.25)]])


def check_at_the_prior(submission):
    """Nothing told, nothing paid."""
    expect(submission, torch.zeros(2, 3), torch.zeros(2, 3), "mu = 0 and logvar = 0")


def check_mean(submission):
    """Only the mean is off."""
    expect(submission, MU, torch.zeros(1, 2), "mu = (1, -2), variance 1")


def check_variance(submission):
    """Only the variance is off."""
    expect(submission, 0 * MU, LOGVAR, "mu = 0, variances 4 and 1/4")


def check_batch(submission):
    """Several pictures."""
    generator = torch.Generator().manual_seed(0)
    mu, logvar = torch.randn(2, 5, 3, generator=generator)
    expect(submission, mu, logvar, "Five pictures, three latents")


def check_graph(submission):
    """The encoder learns from it."""
    expect_graph(submission.kl_divergence, mu=MU, logvar=LOGVAR)


def observe(submission, rng):
    mu, logvar = torch.randn(2, 4, 3, generator=rng)
    f = submission.kl_divergence
    return [f(mu, logvar), f(0 * mu, 0 * logvar), f(mu, 0 * logvar), f(0 * mu, logvar)]
