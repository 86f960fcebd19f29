"""One part, equal parts, a smaller last part, gradients from before, then memory."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.reading.probes import kept_for_backward


def make(number, seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    return network, optimizer, torch.randn(number, 4), torch.randint(3, (number,))


def after(submission, number, num_parts, stale=0.0, seed=0):
    network, optimizer, images, labels = make(number, seed)
    for p in network.parameters():
        p.grad = torch.full_like(p, stale) if stale else None
    submission.step_in_parts(network, optimizer, images, labels, num_parts)
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def expected(number, seed=0):
    network, _, images, labels = make(number, seed)
    network = copy.deepcopy(network)
    F.cross_entropy(network(images), labels).backward()
    return torch.cat([(p - p.grad).detach().flatten() for p in network.parameters()])


def length(number):
    start = torch.cat([p.detach().flatten() for p in make(number)[0].parameters()])
    return lambda weights: (weights - start).norm().item()


def expect(submission, number, num_parts, words, stale=0.0):
    mine, right, way = after(submission, number, num_parts, stale), expected(number), length(number)
    assert torch.allclose(mine, right, atol=1e-5), (
        f"{words}: your step moves the weights by {way(mine):.4f}, the step on the whole batch by "
        f"{way(right):.4f}"
        + (", in another direction." if abs(way(mine) - way(right)) < 1e-3 else ".")
    )


def check_one_part(submission):
    """As any step."""
    expect(submission, 8, 1, "8 pictures in one part")


def check_equal_parts(submission):
    """Every picture counts the same."""
    expect(submission, 8, 4, "8 pictures in 4 parts")


def check_smaller_last_part(submission):
    """Also the lone one."""
    expect(submission, 10, 4, "10 pictures in parts of 3, 3, 3 and 1")
    expect(submission, 11, 4, "11 pictures in parts of 3, 3, 3 and 2")
    expect(submission, 7, 4, "7 pictures in parts of 2, 2, 2 and 1")


def check_begins_clean(submission):
    """Gradients of the batch before do not count."""
    expect(submission, 8, 4, "8 pictures in 4 parts, with gradients of 5 left from before", 5.0)


def kept(submission, num_parts, seed=0):
    network, optimizer, images, labels = make(64, seed)
    return kept_for_backward(
        lambda: submission.step_in_parts(network, optimizer, images, labels, num_parts)
    )


def check_memory(submission):
    """One part at a time."""
    whole, parts = kept(submission, 1), kept(submission, 8)
    assert parts < whole / 2, (
        f"With 64 pictures in 8 parts, {parts:,} bytes are kept for the way back at the same time; "
        f"in one part {whole:,}."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    probes = ((8, 1, 0.0), (8, 4, 0.0), (10, 4, 0.0), (7, 4, 0.0), (8, 4, 5.0))
    seen = [after(submission, n, parts, stale, seed) for n, parts, stale in probes]
    return [*seen, kept(submission, 8, seed)]
