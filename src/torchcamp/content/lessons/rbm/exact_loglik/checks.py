"""A machine that knows nothing, probabilities that sum to one, random ones, then strong weights."""

import itertools
import math

import torch

from torchcamp.course.judge.checks import expect_graph


def machine(seed, num_visible=4, num_hidden=3, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return (
        scale * torch.randn(num_visible, num_hidden, generator=generator),
        torch.randn(num_visible, generator=generator),
        torch.randn(num_hidden, generator=generator),
    )


def every(num_bits):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=num_bits)))


def joint(v, weight, visible_bias, hidden_bias):
    """log p of each picture by summing over pictures and hidden vectors."""
    h = every(len(hidden_bias)).double()
    weight, visible_bias, hidden_bias = weight.double(), visible_bias.double(), hidden_bias.double()

    def minus_energy(v):
        v = v.double()
        return (v @ visible_bias)[:, None] + h @ hidden_bias + v @ weight @ h.T

    log_z = torch.logsumexp(minus_energy(every(v.shape[1])).flatten(), 0)
    return (torch.logsumexp(minus_energy(v), 1) - log_z).float()


def check_nothing_known(submission):
    """All parameters 0."""
    v = every(4)[[3, 9]]
    returned = float(submission.exact_loglik(v, torch.zeros(4, 3), torch.zeros(4), torch.zeros(3)))
    number = math.exp(-returned) if -6 < returned < 0 else 0.0  # of pictures, where all are alike
    whole = abs(number - round(number)) < 1e-2 and round(number) < 200
    assert abs(returned + 2.7726) < 1e-3, (
        f"With all parameters 0 each of 16 pictures has log p = -2.7726; yours is {returned:.4f}"
        + (f", as if there were {round(number)}." if number and whole else ".")
    )


def check_sums_to_one(submission):
    """Probabilities of all pictures."""
    parameters = machine(1)
    total = sum(float(submission.exact_loglik(v[None], *parameters).exp()) for v in every(4))
    assert abs(total - 1) < 1e-3, (
        f"Your probabilities of all 16 pictures of a random machine sum to {total:.4f}."
    )


def check_random(submission):
    """The mean over the pictures."""
    for seed in range(3):
        parameters, v = machine(seed), every(4)[[1, 6, 15]]
        returned, expected = float(submission.exact_loglik(v, *parameters)), joint(v, *parameters)
        assert abs(returned - expected.mean()) < 1e-3, (
            f"Three pictures under random machine {seed}: your log p is {returned:.4f}; each has "
            f"{[round(float(x), 4) for x in expected]}, their mean is {expected.mean():.4f}."
        )


def check_strong(submission):
    """Large weights."""
    parameters, v = machine(0, scale=60.0), every(4)[[5]]
    returned = float(submission.exact_loglik(v, *parameters))
    assert abs(returned - joint(v, *parameters).item()) < 1e-1, (
        f"With weights of about 60 your log p is {returned}; it is {joint(v, *parameters).item():.4f}."
    )


def check_graph(submission):
    """Training goes up its gradient."""
    v, parameters = every(4)[3:9], machine(0)
    names = ("weight", "visible_bias", "hidden_bias")
    expect_graph(
        lambda *changed: submission.exact_loglik(v, *changed), **dict(zip(names, parameters))
    )


def observe(submission, rng):
    parameters = machine(int(torch.randint(1000, (), generator=rng)))
    three = submission.exact_loglik(every(4)[[1, 6, 15]], *parameters)
    seen = [three, submission.exact_loglik(every(4)[[2]], *parameters)]
    if three.dim() or abs(float(three - joint(every(4)[[1, 6, 15]], *parameters).mean())) > 1e-3:
        return seen  # a Z that overflows as well is told no other thing
    strong = float(submission.exact_loglik(every(4)[[5]], *machine(0, scale=60.0)))
    return [*seen, "finite" if abs(strong) < 1e6 else "not finite"]
