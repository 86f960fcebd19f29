"""Shape, also of one picture, range, slope, then whether the company matters."""

import torch
from torch import nn


def make(submission, seed=0, stir=True):
    torch.manual_seed(seed)
    d = submission.Discriminator(8)
    if stir:
        with torch.no_grad():
            for p in d.parameters():
                p.copy_(torch.randn_like(p))
    return d


def pictures(number, seed=0):
    return torch.rand(number, 1, 8, 8, generator=torch.Generator().manual_seed(seed))


def check_shape(submission):
    """One logit each."""
    for number in (5, 2, 1):
        shape = tuple(make(submission).eval()(pictures(number)).shape)
        assert shape == (number,), (
            f"{number} picture(s) give ({number},); yours is {shape}. (B, 1) would be broadcast against (B,) somewhere, "
            "and (B, 3) is three answers."
        )


def check_logits(submission):
    """Any number."""
    logits = make(submission)(pictures(200)).detach()
    assert logits.min() < -1 and logits.max() > 1, (
        f"Logits may be any number; with large weights yours lie between {logits.min():.2f} and {logits.max():.2f}."
    )


def slope(submission, seed=0):
    """How many of 64 hidden units pass a gradient, on average."""
    d, x = make(submission, seed), pictures(20).requires_grad_()
    (grad,) = torch.autograd.grad(d(x).sum(), x)
    return float(grad.abs().mean())


def company(submission, seed=0):
    """How much a picture's logit changes with its batch."""
    d = make(submission, seed).train()
    x = pictures(6)
    return float((d(x)[:3] - d(torch.cat([x[:3], 0 * x[3:]]))[:3]).abs().max())


def check_alone(submission):
    """A picture's logit is its own."""
    found = company(submission)
    assert found < 1e-4, (
        f"With other pictures in its batch a picture's logit changes by {found:.2f}: in a batch of fakes, or of real ones, "
        "batch norm tells D more than the picture does."
    )


def kink(submission, seed=0):
    """The slope of the hidden activation below zero, from a network with one path."""
    activations = [
        m
        for m in make(submission, seed).modules()
        if not list(m.children()) and not list(m.parameters())
    ]
    x = torch.tensor([[-1.0]])
    values = []
    for m in activations:
        if not isinstance(m, nn.Flatten):
            values.append(round(float(m.eval()(x)), 2))
    return values


def check_leaky(submission):
    """A leak below zero."""
    d = make(submission)
    a, b = pictures(2)[:1], pictures(2)[1:]
    with torch.no_grad():
        bent = float((d(a) + d(b) - d(a + b) - d(0 * a)).abs().max())
    assert bent > 1e-3, (
        "Its logits are a linear function of the picture: there is no activation inside."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    d = make(submission, seed)
    logits = d(pictures(200)).detach()
    a, b = pictures(2)[:1], pictures(2)[1:]
    with torch.no_grad():
        bent = float((d(a) + d(b) - d(a + b) - d(0 * a)).abs().max()) > 1e-3
    return [
        list(d(pictures(5)).shape),
        list(d(pictures(1)).shape) if company(submission, seed) < 1e-4 else "needs company",
        bool(logits.min() < -1),
        bool(logits.max() > 1),
        bent,
    ]
