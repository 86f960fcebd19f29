"""Shape, also of one picture, range, slope, then whether the company matters."""

import torch


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


def company(submission, seed=0):
    """How much a picture's logit changes with its batch."""
    d = make(submission, seed).train()
    x = pictures(6)
    return float((d(x)[:3] - d(torch.cat([x[:3], 0 * x[3:]]))[:3]).abs().max())


def restless(submission, seed=0):
    """How much a picture's logit changes from one call to the next."""
    d = make(submission, seed).train()
    return float((d(pictures(6)) - d(pictures(6))).abs().max())


def check_alone(submission):
    """A picture's logit is its own."""
    drawn = restless(submission)
    assert drawn < 1e-4, (
        f"The same six pictures twice, in train mode, and a logit changes by {drawn:.2f}: something in your D draws at random."
    )
    found = company(submission)
    assert found < 1e-4, (
        f"With other pictures in its batch a picture's logit changes by {found:.2f}: in a batch of fakes, or of real ones, "
        "the company then tells D more than the picture does."
    )


def leak(submission):
    """What -1 in each hidden unit becomes, and 1: from weights that pass them on to the logit.

    Then both with their sign changed on the way to the logit.
    """
    d = make(submission)
    found = []
    for passed_on in (1.0, -1.0):
        for sign in (-1.0, 1.0):
            with torch.no_grad():
                for p in d.parameters():
                    p.zero_()
                    if p.dim() > 1:  # a convolution over the whole picture is a linear layer, too
                        p.fill_((sign if p.shape[0] == 64 else passed_on) / p[0].numel())
                found.append(round(float(d.eval()(torch.ones(1, 1, 8, 8)).flatten()[0]), 3))
    return found


def widths(submission):
    """The numbers of units of D's layers."""
    return [p.shape[0] for p in make(submission).parameters() if p.dim() > 1]


def check_leaky(submission):
    """A leak below zero."""
    d = make(submission)
    a, b = pictures(2)[:1], pictures(2)[1:]
    with torch.no_grad():
        bent = float((d(a) + d(b) - d(a + b) - d(0 * a)).abs().max())
    assert bent > 1e-3, (
        "Its logits are a linear function of the picture: no activation acts between the layers."
    )
    found = widths(submission)
    assert 64 in found, f"A hidden layer of 64 units is wanted; your layers have {found} units."
    below, above, turned_below, turned_above = leak(submission)
    assert abs(below + 0.2) < 1e-2 and abs(above - 1) < 1e-2, (
        f"LeakyReLU(0.2) makes -0.2 of -1 and leaves 1; your hidden units make {below:.2f} of -1 and {above:.2f} of 1."
    )
    assert abs(turned_below - 0.2) < 1e-2 and abs(turned_above + 1) < 1e-2, (
        "With the output's weights negative, hidden units at -1 give the logit 0.20, and at 1 the logit -1.00; yours are "
        f"{turned_below:.2f} and {turned_above:.2f}."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    random, alone = restless(submission, seed) > 1e-4, company(submission, seed) < 1e-4
    d = make(submission, seed)
    d = d if alone else d.eval()
    logits = d(pictures(200)).detach()
    a, b = pictures(2)[:1], pictures(2)[1:]
    with torch.no_grad():
        bent = float((d(a) + d(b) - d(a + b) - d(0 * a)).abs().max()) > 1e-3
    return [
        list(d(pictures(5)).shape),
        random,
        list(d(pictures(1)).shape) if alone else "needs company",
        leak(submission) if alone else "needs company",
        bool(logits.min() < -1),
        bool(logits.max() > 1),
        bent,
    ]
