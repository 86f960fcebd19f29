"""The number, then a network with dropout, then what is left behind."""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(p, training=True, seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(p), nn.Linear(32, 3)
    )
    network.train(training)
    sets = [(torch.randn(n, 4), torch.randint(3, (n,))) for n in (24, 9)]
    return network, sets


def right(network, sets):
    network.eval()
    with torch.no_grad():
        train, test = (F.cross_entropy(network(x), y).item() for x, y in sets)
    return train, test


def check_number(submission):
    """A network that comes in eval mode."""
    network, sets = make(0.0, training=False)
    returned = submission.generalisation_gap(network, *sets)
    train, test = right(network, sets)
    assert isinstance(returned, float), f"Return a float; yours is a {type(returned).__name__}."
    assert abs(returned - (test - train)) < 1e-5, (
        f"Training loss {train:.4f}, test loss {test:.4f}: your gap is {returned:.4f}; "
        f"{test - train:.4f} is right."
    )


def check_easier_test(submission):
    """A test set may be the easier one."""
    network, (train, test) = make(0.0, training=False)
    lower, higher = right(network, (train, test))
    returned = submission.generalisation_gap(network, test, train)
    assert abs(returned - (lower - higher)) < 1e-5, (
        f"Training loss {higher:.4f}, test loss {lower:.4f}: your gap is {returned:.4f}; "
        f"{lower - higher:.4f} is right."
    )


def check_same_mode(submission):
    """Dropout and batch norm as in use, for both."""
    network, sets = make(0.8)
    returned = submission.generalisation_gap(network, *sets)
    train, test = right(network, sets)
    assert abs(returned - (test - train)) < 1e-4, (
        f"A network with dropout that comes in training mode: in use its losses are {train:.4f} and "
        f"{test:.4f}; your gap is {returned:.4f}, {test - train:.4f} is right."
    )


def check_left_as_it_was(submission):
    """Mode and statistics."""
    for training in (True, False):
        network, sets = make(0.5, training)
        before = network[1].running_mean.clone()
        submission.generalisation_gap(network, *sets)
        assert network.training == training, (
            f"The network came in {'training' if training else 'eval'} mode and went in the other."
        )
        assert torch.equal(before, network[1].running_mean), (
            "Measuring changed the running statistics."
        )


def observe(submission, rng):
    """The modes in which the two sets are measured, if one is wrong, else the numbers."""
    seen, during = [], []
    for p, training in ((0.0, False), (0.8, True), (0.5, False)):
        network, sets = make(p, training, int(torch.randint(1000, (), generator=rng)))
        modes = {len(x): [] for x, _ in sets}
        network.register_forward_pre_hook(
            lambda m, args, modes=modes: modes.get(len(args[0]), []).append(m.training)
        )
        torch.manual_seed(0)
        returned = attempt(lambda n=network, s=sets: submission.generalisation_gap(n, *s))
        during.append([any(each) for each in modes.values()])
        seen.append([type(returned).__name__, returned, network.training, network[1].running_mean])
        seen.append(attempt(lambda n=network, s=sets[::-1]: submission.generalisation_gap(n, *s)))
    if any(any(each) for each in during) and all(isinstance(each[1], float) for each in seen[::2]):
        came, always = during[1], during[0]
        if came == [True, False]:
            return "training loss in training mode"
        if came == [True, True]:
            return ["both in training mode", always == [True, True]]
    return seen
