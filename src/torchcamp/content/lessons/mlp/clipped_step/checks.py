"""A gentle batch, a wild one, then two in a row."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


def make(scale, seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    return network, optimizer, torch.randn(6, 3), scale * torch.randn(6, 1)


def right(network, x, y, max_norm):
    loss = F.mse_loss(network(x), y)
    grads = torch.autograd.grad(loss, list(network.parameters()))
    norm = torch.cat([g.flatten() for g in grads]).norm().item()
    return norm, [g * min(1.0, max_norm / norm) for g in grads]


def expect(submission, scale, max_norm, times=1):
    network, optimizer, x, y = make(scale)
    for number in range(1, times + 1):
        before = copy.deepcopy(network)
        norm, grads = right(before, x, y, max_norm)
        returned = submission.clipped_step(network, optimizer, x, y, max_norm)
        moved = [p - q for p, q in zip(network.parameters(), before.parameters())]
        length = torch.cat([m.detach().flatten() for m in moved]).norm().item()
        assert all(torch.allclose(m, -g, atol=1e-4) for m, g in zip(moved, grads)), (
            f"Step {number}: the gradient has the length {norm:.2f}, max_norm is {max_norm:g}, the rate 1. "
            f"Your step moves the weights by {length:.2f}; {min(norm, max_norm):.2f} is right"
            + (
                "."
                if abs(length - min(norm, max_norm)) > 1e-2
                else ", straight against the gradient."
            )
        )
        assert isinstance(returned, torch.Tensor), (
            f"Return the length as a scalar tensor; you returned {returned!r}, a {type(returned).__name__}."
        )
        assert returned.numel() == 1 and abs(returned.item() - norm) < 1e-2 * norm, (
            f"The length before clipping is {norm:.3f}; you returned {returned}."
        )


def check_gentle(submission):
    """Below the limit nothing is changed."""
    expect(submission, 1.0, 100.0)


def check_wild(submission):
    """Above it, only the length is."""
    expect(submission, 100.0, 1.0)


def check_two_steps(submission):
    """Each by its own gradient."""
    expect(submission, 100.0, 1.0, times=2)


def observe(submission, rng):
    """How the weights move, if that is wrong, else what is returned."""
    seed = int(torch.randint(1000, (), generator=rng))
    moved, returned, good, told = [], [], True, True
    for scale, max_norm in ((1.0, 100.0), (100.0, 1.0), (1.0, 0.5)):
        network, optimizer, x, y = make(scale, seed)
        for _ in range(2):
            before = copy.deepcopy(network)
            length, grads = right(before, x, y, max_norm)
            norm = submission.clipped_step(network, optimizer, x, y, max_norm)
            steps = [q.detach() - p for p, q in zip(network.parameters(), before.parameters())]
            good = good and all(torch.allclose(s, g, atol=1e-4) for s, g in zip(steps, grads))
            moved.append([p.detach().clone() for p in network.parameters()])
            returned.append(norm.detach() if isinstance(norm, torch.Tensor) else norm)
            told = told and torch.is_tensor(norm) and bool(abs(norm - length) < 1e-2 * length)
    return returned if good else [told, *moved]
