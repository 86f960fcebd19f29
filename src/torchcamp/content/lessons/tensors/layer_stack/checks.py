"""Can it be made and called, what does it own, what does it compute, does it move?"""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import is_affine, is_repeatable


def make(submission, width=4, num_layers=3):
    torch.manual_seed(0)
    return submission.Stack(width, num_layers)


def relu_of_each(network, x, function=torch.relu):
    """What the network's own linear layers make of x, each with ReLU, or `function`, behind it."""
    hidden = x
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            hidden = function(layer(hidden))
    return hidden


def is_relu_of_each(network, x):
    return torch.allclose(network(x), relu_of_each(network, x), atol=1e-5)


def is_relu_of_the_last(network, x):
    """Whether it is its linear layers with one ReLU, behind them all."""
    hidden = x
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            hidden = layer(hidden)
    return torch.allclose(network(x), torch.relu(hidden), atol=1e-5)


def is_another_of_each(network, x):
    """Whether another well-known function stands where ReLU belongs."""
    others = (torch.sigmoid, torch.tanh, torch.abs, F.leaky_relu, F.gelu, F.softplus, F.elu, F.silu)
    found = network(x)
    return any(torch.allclose(found, relu_of_each(network, x, f), atol=1e-5) for f in others)


def is_relu_of_one(network, x, place):
    """Whether it is a single one of its linear layers, with ReLU."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    return torch.allclose(network(x), torch.relu(layers[place](x)), atol=1e-5)


def check_can_be_called(submission):
    """A batch goes in, a batch of the same shape comes out."""
    network = make(submission)
    assert isinstance(network, nn.Module), "`Stack` must be an `nn.Module`."
    returned = network(torch.zeros(2, 4))
    assert tuple(returned.shape) == (2, 4), (
        f"`Stack(4, 3)` turned a batch of shape (2, 4) into {tuple(returned.shape)}."
    )


def check_parameters(submission):
    """Every layer is found, and each has its own numbers."""
    for width, num_layers in ((4, 3), (2, 5)):
        count = sum(p.numel() for p in make(submission, width, num_layers).parameters())
        expected = num_layers * (width * width + width)
        assert count == expected, (
            f"`Stack({width}, {num_layers})` has {count} numbers in its `parameters()`; "
            f"{num_layers} layers of {width} x {width} weights and {width} biases are {expected}."
        )


def check_repeatable(submission):
    """The same input gives the same output."""
    network, x = make(submission), torch.ones(2, 4)
    assert is_repeatable(lambda: network(x)), (
        "Two calls with the same input give different outputs: something is made or drawn anew in `forward`."
    )


def check_relu(submission):
    """ReLU after each layer, the last one too."""
    network = make(submission, 8, 2)
    x = torch.randn(64, 8)
    found = sum(isinstance(layer, nn.Linear) for layer in network.modules())
    assert found == 2, f"Make each layer with `nn.Linear`: in your `Stack(8, 2)` {found} are found."
    assert not is_affine(network, 3 * torch.randn(2, 8)), (
        "Your stack is one linear map: ReLU has no effect on it."
    )
    assert (network(x) >= 0).all(), (
        f"The smallest output is {network(x).min().item():.3f}; behind a ReLU nothing is below 0."
    )
    mine, right = (out.flatten()[:3].tolist() for out in (network(x), relu_of_each(network, x)))
    assert is_relu_of_each(network, x), (
        f"Your output begins with {[round(v, 3) for v in mine]}; relu(layer2(relu(layer1(x)))), of your own two layers, "
        f"begins with {[round(v, 3) for v in right]}."
    )


def check_moves(submission):
    """`.double()` and `.to(...)` reach every layer."""
    network = make(submission).double()
    returned = network(torch.zeros(2, 4, dtype=torch.float64))
    assert returned.dtype == torch.float64, f"After `.double()` the output is {returned.dtype}."


def observe(submission, rng):
    x = torch.randn(8, 6, generator=rng)
    network = attempt(lambda: make(submission, 6, 2), words=True)
    if isinstance(network, dict):
        return network
    outputs = attempt(lambda: network(x))
    if isinstance(outputs, dict):
        return ["made", outputs]
    return [
        sorted(p.numel() for p in network.parameters()),
        is_repeatable(lambda: network(x)),
        is_affine(network, x[:2]),
        bool((outputs >= 0).all()),
        attempt(lambda: str(network.double()(x.double()).dtype)),
        attempt(lambda: is_relu_of_each(network.float(), x)),
        attempt(lambda: is_relu_of_the_last(network.float(), x)),
        attempt(lambda: is_another_of_each(network.float(), x)),
        *(attempt(lambda p=place: is_relu_of_one(network.float(), x, p)) for place in (0, -1)),
    ]
