"""Which way G goes, then the noise of the samples."""

import torch
from torch import nn


class Glass(nn.Module):
    def forward(self, z):
        return z


def make(seed=0):
    torch.manual_seed(seed)
    g, d = nn.Linear(4, 2), nn.Linear(2, 1)
    with torch.no_grad():
        d.weight.copy_(torch.tensor([[2.0, 0.0]]))  # real lies to the right
        d.bias.zero_()
    g_optimizer = torch.optim.SGD(g.parameters(), lr=0.5)
    return g, d, g_optimizer, torch.optim.SGD(d.parameters(), lr=0.0)


def drift(submission, seed=0):
    """How far one step moves the fakes to the right, where D says real, and whether G got a gradient."""
    g, d, g_optimizer, d_optimizer = make(seed)
    before, came = g.bias.detach()[0].clone(), []
    g.bias.register_hook(came.append)
    submission.step(g, d, g_optimizer, d_optimizer, torch.randn(64, 2) + torch.tensor([3.0, 0.0]))
    return float(g.bias.detach()[0] - before), bool(came)


def noise(submission, seed=0):
    torch.manual_seed(seed)
    z = submission.draw(Glass(), 2000)
    return float(z.mean()), float(z.std())


def training_noise(submission, seed=0):
    g, *others = make(seed)
    seen = []
    g.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()))
    submission.step(g, *others, torch.randn(2000, 2))
    return float(seen[0].mean()), float(seen[0].std())


def check_direction(submission):
    """G goes where D says real."""
    found, came = drift(submission)
    assert found > 0, (
        f"D says that real lies to the right, and one step moved the fakes by {found:+.3f} in that direction"
        f"{'' if came else '; no gradient came to G'}. (The noise of `draw` has the mean {noise(submission)[0]:.2f}.)"
    )


def paid(submission, seed=0):
    """What G is said to pay, and what it should, for fakes that D refuses; then D, which believes the real ones."""
    g, d, g_optimizer, d_optimizer = make(seed)
    with torch.no_grad():
        d.bias.fill_(-6.0)
        g.weight.zero_()
        g.bias.zero_()
    real = torch.tensor([4.5, 0.0]).repeat(64, 1)  # a logit of 3
    d_loss, g_loss = submission.step(g, d, g_optimizer, d_optimizer, real)
    return float(g_loss), 6.0025, float(d_loss), 0.0511


def check_loss(submission):
    """What G pays."""
    mine, right, mine_d, right_d = paid(submission)
    assert abs(mine - right) < 0.01, (
        f"Fakes that D believes with 0.25 % cost G -log D = {right:.2f}; the step returns {mine:.4f}."
    )
    assert abs(mine_d - right_d) < 0.01, (
        f"A D that knows the real ones (logit 3) and the fakes (logit -6) pays {right_d:.2f}; the step returns {mine_d:.2f} as D's loss."
    )


def check_noise(submission):
    """The noise of the training."""
    mean, std = noise(submission)
    assert abs(mean) < 0.1 and abs(std - 1) < 0.1, (
        f"Training draws noise of mean 0 and deviation 1; `draw` uses {mean:.2f} and {std:.2f}."
    )
    mean, std = training_noise(submission)
    assert abs(mean) < 0.1 and abs(std - 1) < 0.1, (
        f"Training drew noise of mean 0 and deviation 1, which was right; now {mean:.2f} and {std:.2f}."
    )


def trained(submission, seed=0):
    torch.manual_seed(seed)
    g = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    optimizers = [torch.optim.Adam(n.parameters(), lr=0.01, betas=(0.5, 0.9)) for n in (g, d)]
    losses = None
    for _ in range(300):
        losses = submission.step(
            g, d, *optimizers, torch.randn(64, 2) * 0.3 + torch.tensor([2.0, 1.0])
        )
    torch.manual_seed(1)
    gap = submission.draw(g, 500).mean(0) - torch.tensor([2.0, 1.0])
    return float(gap.norm()), losses


def check_learns(submission):
    """After 300 steps."""
    gap, losses = trained(submission)
    assert gap < 0.8, f"After 300 steps the samples' mean is {gap:.2f} away from the data's."
    assert losses[0] > 0.2, f"After 300 steps D's loss is {losses[0]:.3f}: it has won."


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    moved, came = drift(submission, seed)
    return [
        (moved > 0) - (moved < 0),
        came,
        round(paid(submission, seed)[0], 1),
        round(paid(submission, seed)[2], 1),
        [round(x * 4) for x in (*noise(submission, seed), *training_noise(submission, seed))],
    ]
