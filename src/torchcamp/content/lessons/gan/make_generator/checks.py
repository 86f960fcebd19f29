"""Shapes, the pixels' range, the nonlinearity inside, then the weights it begins with."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(submission, latent_dim=16, image_size=8, seed=0):
    torch.manual_seed(seed)
    return submission.Generator(latent_dim, image_size)


def stirred(submission, seed=0):
    """A generator whose weights were made large, so that its output shows its last activation."""
    g = make(submission, seed=seed)
    torch.manual_seed(seed)
    with torch.no_grad():
        for p in g.parameters():
            p.copy_(torch.randn_like(p))
    return g


def check_shape(submission):
    """Pictures."""
    for image_size in (8, 28):
        shape = tuple(make(submission, 16, image_size)(torch.randn(3, 16)).shape)
        right = (3, 1, image_size, image_size)
        assert shape == right, f"Three noise vectors give {right}; yours is {shape}."


def limits(submission, seed=0):
    pictures = stirred(submission, seed)(torch.randn(50, 16)).detach()
    return float(pictures.min()), float(pictures.max())


def check_range(submission):
    """As the data's pixels."""
    low, high = limits(submission)
    assert low >= 0 and high <= 1, (
        f"The data's pixels lie in [0, 1]; with large weights yours reach from {low:.2f} to {high:.2f}: D needs only to look "
        "at the range."
    )
    assert low < 0.05 and high > 0.95, (
        f"All of [0, 1] must be within reach; yours reach from {low:.2f} to {high:.2f}."
    )


def bend(submission, seed=0):
    g = stirred(submission, seed)
    a, b = torch.randn(2, 1, 16)

    def f(z):
        return torch.logit(g(z).double().clamp(1e-9, 1 - 1e-9))

    with torch.no_grad():
        for p in g.parameters():
            p *= 0.05
        gap = f(a) + f(b) - f(a + b) - f(torch.zeros(1, 16))
    return float(gap.abs().max())


def check_nonlinear(submission):
    """Two layers with a bend between them."""
    number = sum(isinstance(m, nn.Linear) for m in make(submission).modules())
    assert number == 2, (
        f"A hidden layer and an output layer are two `nn.Linear`; in yours there are {number}."
    )
    assert bend(submission) > 1e-6, (
        "Its logits are a linear function of the noise: nothing bends between the two layers."
    )


def hidden_layer(submission):
    """The hidden units, and what each makes of -1 and of 1, from weights that pass them on to the logit.

    None where the layers are not two that fit.
    """
    g = make(submission, 16, 5)
    linears = [m for m in g.modules() if isinstance(m, nn.Linear)]
    first = next((m for m in linears if m.in_features == 16), None)
    last = next((m for m in linears if m.out_features == 25), None)
    if first is None or last is None or first.out_features != last.in_features:
        return None
    found = []
    for sign in (-1.0, 1.0):
        with torch.no_grad():
            for p in g.parameters():
                p.zero_()
            first.weight.fill_(sign / 16)
            last.weight.fill_(1 / last.in_features)
            pixel = g(torch.ones(1, 16)).flatten()[0].double()
        found.append(round(float(torch.logit(pixel.clamp(1e-9, 1 - 1e-9))), 2))
    return [first.out_features, *found]


def spread(submission, seed=0):
    linears = [m for m in make(submission, 64, 16, seed).modules() if isinstance(m, nn.Linear)]
    return [float(m.weight.detach().std()) for m in linears], max(
        float(m.bias.detach().abs().max()) for m in linears
    )


def check_weights(submission):
    """Small weights, zero biases."""
    stds, bias = spread(submission)
    assert all(abs(std - 0.02) < 0.002 for std in stds), (
        f"Weights should have the standard deviation 0.02; yours have {[round(s, 3) for s in stds]} (PyTorch's own would be "
        "0.072)."
    )
    assert bias == 0, f"Biases should be 0; the largest of yours is {bias:.3f}."


def check_grey(submission):
    """Grey before training."""
    pictures = make(submission)(torch.randn(20, 16)).detach()
    low, high = float(pictures.min()), float(pictures.max())
    assert low > 0.3 and high < 0.7, (
        f"With its small weights every pixel begins near 0.5; yours lie between {low:.3f} and {high:.3f}."
    )


def check_hidden(submission):
    """64 units with ReLU."""
    found = hidden_layer(submission)
    assert found is None or found[0] == 64, (
        f"The hidden layer should have 64 units; yours has {found[0]}."
    )
    assert found is None or abs(found[1]) < 0.005, (
        f"A ReLU makes 0 of -1; your hidden units make {found[1]:.2f} of it."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    found = attempt(lambda: make(submission)(torch.randn(2, 16)), words=True)
    if isinstance(found, dict):
        return found
    low, high = limits(submission, seed)
    stds, bias = spread(submission, seed)
    begin = make(submission)(torch.randn(20, 16)).detach()
    own = 64**-0.5 / 3**0.5  # the deviation that PyTorch gives a layer of 64 inputs
    return [
        round(4 * float(begin.mean())),
        list(make(submission)(torch.randn(2, 16)).shape),
        [round(low, 1), round(high, 1)] if max(abs(low), abs(high)) < 1.01 else "wide",
        bend(submission, seed) > 1e-6,
        ["small" if s < 0.03 else "PyTorch's" if abs(s - own) < 0.004 else "not" for s in stds],
        bias == 0,
        hidden_layer(submission),
        abs(float(begin[0].sum()) - 1) < 1e-3,
    ]
