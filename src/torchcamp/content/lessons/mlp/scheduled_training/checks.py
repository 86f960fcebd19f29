"""How many steps, at which rates, and where they lead."""

import warnings

import torch
import torch.nn.functional as F
from torch import nn


def run(train, num_batches=2, num_epochs=3, seed=0):
    torch.manual_seed(seed)
    network = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    batches = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(num_batches)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of a wrong order; the rates will tell
        rates = train(network, optimizer, scheduler, batches, num_epochs)
    return rates, network.weight.detach().flatten(), optimizer.param_groups[0]["lr"]


def reference(network, optimizer, scheduler, batches, num_epochs):
    for epoch in range(num_epochs):
        for x, y in batches:
            with torch.no_grad():
                for p in network.parameters():
                    p.grad = None
            F.mse_loss(network(x), y).backward()
            with torch.no_grad():
                for p in network.parameters():
                    p -= 0.1 * 0.1**epoch * p.grad
    return [0.1 * 0.1**epoch for epoch in range(num_epochs) for _ in batches]


def check_number_of_steps(submission):
    """One rate per step."""
    for num_batches, num_epochs in ((2, 3), (4, 1)):
        rates, _, _ = run(submission.scheduled_training, num_batches, num_epochs)
        assert len(rates) == num_batches * num_epochs, (
            f"{num_batches} batches, {num_epochs} epochs: {num_batches * num_epochs} steps, and you "
            f"returned {len(rates)} rates."
        )
        kinds = sorted({type(rate).__name__ for rate in rates})
        assert all(isinstance(rate, float) for rate in rates), (
            f"Your rates are of type {' and '.join(kinds)}; a list of floats is asked for."
        )


def check_rates(submission):
    """The first epoch at the full rate."""
    rates, _, _ = run(submission.scheduled_training)
    expected = [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    assert all(abs(a - b) < 1e-9 for a, b in zip(rates, expected)), (
        f"2 batches, 3 epochs, rate 0.1, a tenth of it after each epoch: you returned "
        f"{[round(r, 7) for r in rates]}; {expected} is right."
    )


def check_where_it_leads(submission):
    """The weights after training."""
    _, mine, _ = run(submission.scheduled_training)
    _, right, _ = run(reference)
    assert torch.allclose(mine, right, atol=1e-5), (
        f"After training the weights are {[round(v, 4) for v in mine.tolist()]}; "
        f"{[round(v, 4) for v in right.tolist()]} is right."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    return [run(submission.scheduled_training, b, e, seed) for b, e in ((2, 3), (3, 2))]
