"""One number, a network against torch's SGD, unused parameters, what stays."""

import copy

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    network(torch.randn(5, 3)).pow(2).sum().backward()
    return network


def check_one_number(submission):
    """The statement's own."""
    p = nn.Parameter(torch.tensor(1.0))
    p.grad = torch.tensor(2.0)
    submission.sgd_step([p], 0.1)
    assert abs(p.item() - 0.8) < 1e-6, (
        f"W = 1, gradient 2, rate 0.1: W is {p.item():g} afterwards; 0.8 is right."
    )


def check_as_torch_does(submission):
    """A whole network, twice."""
    mine = make()
    theirs = copy.deepcopy(mine)
    for p, q in zip(theirs.parameters(), mine.parameters()):
        p.grad = q.grad.clone()
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05)
    for number in (1, 2):
        submission.sgd_step(mine.parameters(), 0.05)
        optimizer.step()
        for (name, p), q in zip(mine.named_parameters(), theirs.parameters()):
            assert torch.allclose(p, q, atol=1e-6), (
                f"After step {number}, `{name}` differs from what `torch.optim.SGD` makes of it by up to "
                f"{(p - q).abs().max().item():.4f}."
            )


def check_unused_parameter(submission):
    """No gradient, no step."""
    network = make()
    network[0].weight.grad = None
    before = network[0].weight.detach().clone()
    submission.sgd_step(network.parameters(), 0.05)
    assert torch.equal(network[0].weight, before), "A parameter without a gradient was changed."
    moved = make()
    for (name, p), q in zip(network.named_parameters(), moved.parameters()):
        assert p.grad is None or not torch.equal(p, q), (
            f"The first parameter has no gradient, and `{name}`, which has one, was not moved: go on "
            "with the next one."
        )


def check_still_parameters(submission):
    """They can be trained on."""
    network = make()
    grads = [p.grad.clone() for p in network.parameters()]
    submission.sgd_step(network.parameters(), 0.05)
    for (name, p), grad in zip(network.named_parameters(), grads):
        assert p.requires_grad and p.is_leaf, f"`{name}` is no trainable leaf any more."
        assert p.grad is not None and torch.equal(p.grad, grad), (
            f"The gradient of `{name}` is no longer what it was before the step: a step only reads it."
        )


def observe(submission, rng):
    network = make(int(torch.randint(1000, (), generator=rng)))
    # A list can be walked over again, the parameters of a network cannot.
    p = nn.Parameter(torch.tensor([1.0, -2.0]))
    p.grad = torch.tensor([2.0, 1.0])
    listed = attempt(lambda: submission.sgd_step([p], 0.1), words=True)
    first = attempt(lambda: submission.sgd_step(network.parameters(), 0.05), words=True)
    weights = [p.detach().clone() for p in network.parameters()]
    grads = [0 if p.grad is None else p.grad.clone() for p in network.parameters()]
    network[0].weight.grad = None
    second = attempt(lambda: submission.sgd_step(network.parameters(), 0.05), words=True)
    leaves = [p.requires_grad for p in network.parameters()]
    return [
        listed,
        p.detach().clone(),
        first,
        weights,
        grads,
        second,
        leaves,
        network[0].weight,
        network[0].bias,
    ]
