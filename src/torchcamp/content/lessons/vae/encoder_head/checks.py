"""Shapes, parameters, that both are apart, then which numbers they can be."""

import torch


def head(submission, seed=0):
    torch.manual_seed(seed)
    return submission.EncoderHead(6, 3)


def answers(submission, seed=0):
    module = head(submission, seed)
    features = 5 * torch.randn(200, 6, generator=torch.Generator().manual_seed(seed))
    return [out.detach() for out in module(features)]


def check_shapes(submission):
    """Two answers."""
    returned = head(submission)(torch.zeros(4, 6))
    assert isinstance(returned, tuple) and len(returned) == 2, "Return mu and logvar, a pair."
    for name, out in zip(("mu", "logvar"), returned):
        assert out.shape == (4, 3), f"{name} must be (4, 3); yours is {tuple(out.shape)}."


def check_apart(submission):
    """Each has its own layer."""
    mu, logvar = answers(submission)
    assert not torch.allclose(mu, logvar), "mu and logvar are the same numbers: one layer for both."
    number = sum(p.numel() for p in head(submission).parameters())
    assert number == 2 * (6 * 3 + 3), (
        f"EncoderHead(6, 3) has {number} parameters; two linear layers have 42."
    )


def check_mu_is_free(submission):
    """Any number, and linear."""
    mu, _ = answers(submission)
    assert mu.min() < -2 and mu.max() > 2, (
        f"mu may be any number; over 200 random features yours lies between {mu.min():.2f} and {mu.max():.2f}."
    )


def check_logvar_is_free(submission):
    """Any number: below 0 for variances below 1."""
    _, logvar = answers(submission)
    assert logvar.min() < -2 and logvar.max() > 2, (
        f"logvar may be any number; over 200 random features yours lies between {logvar.min():.2f} and "
        f"{logvar.max():.2f}, so the standard deviation is never below {(0.5 * logvar.min()).exp():.2f}."
    )


def linear(submission, seed=0):
    """Whether mu and logvar are each a linear map of the features and a constant. Of small features: a clamp far out is no mistake."""
    module = head(submission, seed).eval()
    a, b = torch.randn(2, 50, 6, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        at_a, at_b, both, nothing = (module(x) for x in (a, b, a + b, 0 * a))
    return [
        torch.allclose(one + other, together + zero, atol=1e-4)
        for one, other, together, zero in zip(at_a, at_b, both, nothing)
    ]


def check_linear(submission):
    """Nothing but a linear layer."""
    for name, is_linear in zip(("mu", "logvar"), linear(submission)):
        assert is_linear, (
            f"{name} is not a linear map of the features: for features a and b, {name}(a) + {name}(b) and "
            f"{name}(a + b) + {name}(0) differ."
        )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    number = sum(p.numel() for p in head(submission).parameters())
    if number == 0 or number > 42:
        return "no parameters" if number == 0 else "more parameters"
    mu, logvar = answers(submission, seed)
    lows = [
        round(float(x) * 2) if abs(x) < 1.01 else ("low" if x < 0 else "high")
        for x in (mu.min(), mu.max(), logvar.min(), logvar.max())
    ]
    return [
        lows,
        bool(torch.allclose(mu, logvar)),
        list(mu.shape),
        number,
        linear(submission, seed),
    ]
