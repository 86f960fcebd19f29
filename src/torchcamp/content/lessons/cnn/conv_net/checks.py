"""Shapes, numbers, what stands behind what, eval mode, and whether it learns."""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import is_repeatable


def make(submission, c1=8, c2=16, seed=0):
    torch.manual_seed(seed)
    return submission.ConvNet(c1, c2)


def check_shape(submission):
    """Ten logits per picture."""
    for number in (5, 2):
        returned = make(submission)(torch.randn(number, 1, 28, 28))
        assert tuple(returned.shape) == (number, 10), (
            f"{number} pictures gave {tuple(returned.shape)}, not ({number}, 10)."
        )


def check_numbers_to_learn(submission):
    """As many as the plan has."""
    for c1, c2, expected in ((8, 16, 9122), (4, 6, 3222)):
        count = sum(p.numel() for p in make(submission, c1, c2).parameters())
        assert count == expected, (
            f"`ConvNet({c1}, {c2})` learns {count:,} numbers; {expected:,} is right."
        )


def kept(network):
    """Sizes of what the convolutions make of 12 x 12 pixels."""
    sizes = []
    for conv in [m for m in network.modules() if isinstance(m, nn.Conv2d)]:
        sizes.append(tuple(conv(torch.zeros(1, conv.in_channels, 12, 12)).shape[2:]))
    return sizes


def check_size_kept(submission):
    """Each convolution keeps the size."""
    sizes = kept(make(submission))
    assert sizes == [(12, 12)] * 2, (
        f"Both convolutions should keep the size: 12 x 12 stays 12 x 12; yours make {sizes}."
    )


def plan(network, x):
    """The plan's answer with the network's own layers."""
    convs = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    (linear,) = [m for m in network.modules() if isinstance(m, nn.Linear)]
    for conv, norm in zip(convs, norms):
        x = F.max_pool2d(F.relu(norm(conv(x))), 2)
    return linear(x.flatten(1))


def check_order(submission):
    """Convolution, batch norm, ReLU, pooling."""
    network, x = make(submission).eval(), 3 * torch.randn(4, 1, 28, 28)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
    assert is_repeatable(lambda: network(x)), "In eval mode, two calls give different logits."
    returned, expected = network(x), plan(network, x)
    assert torch.allclose(returned, expected, atol=1e-4), (
        f"By the plan, with your layers, the first logits are "
        f"{[round(v, 3) for v in expected[0, :3].tolist()]}; yours are "
        f"{[round(v, 3) for v in returned[0, :3].tolist()]}."
    )


def check_learns(submission):
    """Every parameter moves."""
    network = make(submission)
    F.cross_entropy(network(torch.randn(8, 1, 28, 28)), torch.arange(8)).backward()
    without = [n for n, p in network.named_parameters() if p.grad is None]
    assert not without, f"No gradient reaches {', '.join(without)}."


def observe(submission, rng):
    network = attempt(lambda: make(submission, 4, 6), words=True)
    if isinstance(network, dict):
        return network
    x = torch.randn(3, 1, 28, 28, generator=rng)
    out = attempt(lambda: network(x), words=True)
    if isinstance(out, dict):
        return ["made", out]
    network.eval()
    close = attempt(lambda: bool(torch.allclose(network(x), plan(network, x), atol=1e-4)))
    sums = network(x).exp().sum(1)
    count = sum(p.numel() for p in network.parameters())
    shape = list(out.shape)
    low = bool((out >= 0).all())
    scale = attempt(lambda: (network(x) - network(-x)).abs().mean())
    return [shape, count, close, bool((sums - 1).abs().max() < 1e-3), low, scale]
