"""Shapes, numbers, what stands behind what, eval mode, and whether it learns."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import UninitializedParameter

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import is_repeatable

LAYERS = nn.Conv2d, nn.BatchNorm2d, nn.Linear


def make(submission, c1=8, c2=16, seed=0):
    torch.manual_seed(seed)
    network = submission.ConvNet(c1, c2)
    if any(isinstance(p, UninitializedParameter) for p in network.parameters()):
        network(torch.zeros(2, 1, 28, 28))  # `nn.LazyLinear` looks at a batch for its size
    return network


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
    """The layers of the plan are there, and each convolution keeps the size."""
    network = make(submission)
    found = [sum(isinstance(m, kind) for m in network.modules()) for kind in LAYERS]
    assert found == [2, 2, 1], (
        "The check looks for two `nn.Conv2d`, two `nn.BatchNorm2d` and one `nn.Linear` in your network; it "
        f"found {found[0]}, {found[1]} and {found[2]}."
    )
    sizes = kept(network)
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


def other_networks(network, x):
    """What the same layers make of x in other orders, by name."""
    convs = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    (linear,) = [m for m in network.modules() if isinstance(m, nn.Linear)]
    relu, pool, mean = F.relu, F.max_pool2d, F.avg_pool2d
    orders = {
        "as planned": lambda c, n, x: pool(relu(n(c(x))), 2),
        "no ReLU": lambda c, n, x: pool(n(c(x)), 2),
        "ReLU first": lambda c, n, x: pool(n(relu(c(x))), 2),
        "no norm": lambda c, n, x: pool(relu(c(x)), 2),
        "mean": lambda c, n, x: mean(relu(n(c(x))), 2),
        "pooled first": lambda c, n, x: relu(n(pool(c(x), 2))),
        "ReLU, pool, norm": lambda c, n, x: n(pool(relu(c(x)), 2)),
    }
    for one, other in itertools.product(orders, orders):
        if one == other or "as planned" in (one, other):
            inside = orders[other](convs[1], norms[1], orders[one](convs[0], norms[0], x))
            yield [one, other], linear(inside.flatten(1))
    logits = plan(network, x)
    yield ["ReLU at the end"], relu(logits)
    yield ["softmax"], logits.softmax(1)
    yield ["log softmax"], logits.log_softmax(1)


def which(network, x):
    """The orders of the layers that give what the network gives in training; its logits if none does."""
    out = network(x)
    return [name for name, other in other_networks(network, x) if alike(out, other)] or out


def alike(one, other):
    return one.shape == other.shape and bool(torch.allclose(one, other, atol=1e-4))


def check_order(submission):
    """Convolution, batch norm, ReLU, pooling."""
    network, x = make(submission).eval(), 3 * torch.randn(4, 1, 28, 28)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
    assert is_repeatable(lambda: network(x)), "In eval mode, two calls give different logits."
    for mode in ("eval", "training"):  # in training, batch norm sees what stands in front of it
        network.train(mode == "training")
        returned, expected = network(x), plan(network, x)
        assert torch.allclose(returned, expected, atol=1e-4), (
            f"By the plan, with your layers, the first logits in {mode} mode are "
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
    x = 3 * torch.randn(3, 1, 28, 28, generator=rng)
    out = attempt(lambda: network(x), words=True)
    if isinstance(out, dict):
        return ["made", out]
    count = attempt(lambda: sum(p.numel() for p in network.parameters()))
    layers = [sum(isinstance(m, kind) for m in network.modules()) for kind in LAYERS]
    repeats = is_repeatable(lambda: network.eval()(x))
    network.train()
    return [
        list(out.shape),
        count,
        layers,
        kept(network),
        attempt(lambda: which(network, x)),
        repeats,
    ]
