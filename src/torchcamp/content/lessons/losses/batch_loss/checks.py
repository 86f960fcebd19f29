"""It can be called, it has the right value, and the network can learn from it."""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(seed=0, number=4):
    torch.manual_seed(seed)
    network = nn.Linear(3, 3)
    features = 2 * torch.randn(number, 3)
    labels = torch.arange(number).flip(0) % 3
    return network, features, labels[:, None].float(), labels


def check_value(submission):
    """The mean over the rows."""
    for number in (4, 2):
        network, features, column, labels = make(number=number)
        returned = submission.batch_loss(network, features, column)
        expected = F.cross_entropy(network(features), labels).item()
        assert isinstance(returned, torch.Tensor), (
            f"Your function returned a {type(returned).__name__}, not a loss."
        )
        assert returned.dim() == 0 and abs(returned.item() - expected) < 1e-4, (
            f"For the column {column.tolist()} your loss is {returned.tolist()}; {expected:.4f} is "
            "right."
        )


def check_batch_of_one(submission):
    """The last batch of a table."""
    network, features, column, labels = make(number=1)
    returned = submission.batch_loss(network, features, column).item()
    expected = F.cross_entropy(network(features), labels).item()
    assert abs(returned - expected) < 1e-4, (
        f"A batch of one row: your loss is {returned:.4f}; {expected:.4f} is right."
    )


def check_gradient(submission):
    """It reaches the network."""
    network, features, column, labels = make()
    loss = submission.batch_loss(network, features, column)
    assert loss.requires_grad, "Your loss holds no graph: the network would learn nothing."
    loss.backward()
    assert network.weight.grad is not None, (
        "`backward()` on your loss leaves the weights' `.grad` at None: its graph does not reach the network."
    )
    expected = torch.autograd.grad(F.cross_entropy(network(features), labels), network.weight)[0]
    assert torch.allclose(network.weight.grad, expected, atol=1e-5), (
        "The gradient of the weights is not that of the cross-entropy."
    )


def reaches(network, loss):
    """Whether the loss holds a graph that ends at the network's weights."""
    if not loss.requires_grad or loss.dim():
        return loss.requires_grad
    weight = network.weight
    return torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)[0] is not None


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    seen = []
    for number in (4, 3, 1):
        network, features, column, _ = make(seed, number)
        returned = attempt(
            lambda n=network, x=features, c=column: submission.batch_loss(n, x, c), words=True
        )
        has_graph = reaches(network, returned) if isinstance(returned, torch.Tensor) else None
        kind = type(returned).__name__
        seen.append([kind, returned if has_graph is not None else str(type(returned)), has_graph])
        seen.append(returned if isinstance(returned, dict) else "")
    return seen
