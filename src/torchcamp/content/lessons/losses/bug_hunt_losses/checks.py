"""A network that is right about everything must have no loss left; then training."""

import runpy
from pathlib import Path

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Says(nn.Module):
    """Says what it was told to."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = nn.Parameter(outputs)

    def forward(self, machines):
        return self.outputs


def data(seed=0, number=32):
    generator = torch.Generator().manual_seed(seed)
    machines = torch.randn(number, 4, generator=generator)
    return machines, (machines[:, 0] > 0).float(), machines[:, 1] + 0.5 * machines[:, 2]


def check_failure_loss(submission):
    """Sure and right costs nothing."""
    machines, fails, days = data()
    network = Says(torch.stack([40 * fails - 20, days], dim=1))
    failure_loss, days_loss = submission.losses(network, machines, fails, days)
    assert failure_loss.item() < 1e-3, (
        "A network whose logits are 20 for every machine that fails and -20 for the others has a failure "
        f"loss of {failure_loss.item():.4f} (and, with every day right, a days loss of "
        f"{days_loss.item():.4f})."
    )
    network = Says(torch.stack([40 - 80 * fails, days], dim=1))
    failure_loss, _ = submission.losses(network, machines, fails, days)
    assert abs(failure_loss.item() - 40) < 1e-2, (
        "A network whose logits are 40 and wrong for every machine has a failure loss of "
        f"{failure_loss.item():.4f}; 40 is right."
    )


def check_days_loss(submission):
    """Every day right costs nothing."""
    machines, fails, days = data()
    network = Says(torch.stack([40 * fails - 20, days], dim=1))
    _, days_loss = submission.losses(network, machines, fails, days)
    assert days_loss.item() < 1e-6, (
        f"A network that predicts every day right has a days loss of {days_loss.item():.4f}."
    )
    _, days_loss = submission.losses(Says(torch.zeros(32, 2)), machines, fails, days)
    expected = (days**2).mean().item()
    assert abs(days_loss.item() - expected) < 1e-4, (
        f"Predicting 0 days for all, the days loss is {days_loss.item():.4f}; the mean of the squares "
        f"is {expected:.4f}."
    )


def check_it_learns(submission):
    """Both are learnt."""
    machines, fails, days = data()
    network = submission.train(machines, fails, days, 120)
    with torch.no_grad():
        logits, predicted = network(machines).unbind(dim=1)
    right = ((logits > 0).float() == fails).float().mean().item()
    error = ((predicted - days) ** 2).mean().item()
    assert right > 0.9 and error < 0.2, (
        f"After 120 steps {100 * right:.0f} % of the failures are right, and the days are off by "
        f"{error:.3f} (squared, mean)."
    )


def check_nothing_else_changed(submission):
    """Seed, rate and network are as they were."""
    machines, fails, days = data()
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    returned = submission.train(machines, fails, days, 5)(machines)
    expected = mended(machines, fails, days, 5)(machines)
    assert torch.allclose(returned, expected, atol=1e-3), (
        "After five steps the network is not what it is with the two lines mended and nothing else "
        "changed."
    )


def observe(submission, rng):
    machines, fails, days = data(int(torch.randint(1000, (), generator=rng)), 8)
    outputs = 2 * torch.randn(8, 2, generator=rng)
    far_outputs = 40 - 80 * fails[:, None].expand(8, 2)
    return [
        attempt(lambda: submission.losses(Says(outputs), machines, fails, days), words=True),
        attempt(lambda: submission.losses(Says(far_outputs), machines, fails, days)[0]),
        attempt(lambda: submission.train(machines, fails, days, 5)(machines[:3])),
    ]
