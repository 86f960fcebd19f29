"""Shape, mean and spread, then the gradients."""

import torch

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import graph_nodes

MEAN, STD = [2.0, -1.0], [3.0, 0.5]


def make():
    return torch.tensor(MEAN, requires_grad=True), torch.tensor(STD, requires_grad=True)


def check_shape(submission):
    """One row per sample."""
    returned = submission.sample_with_gradient(*make(), 7)
    assert tuple(returned.shape) == (7, 2), (
        f"7 samples of 2 numbers have the shape {tuple(returned.shape)}, not (7, 2)."
    )


def check_drawn_apart(submission):
    """Every number has noise of its own."""
    x = submission.sample_with_gradient(torch.zeros(2), torch.ones(2), 4).detach()
    assert x.unique().numel() == 8, (
        f"Four samples of two numbers are {[[round(v, 2) for v in row] for row in x.tolist()]}: some "
        "share their noise."
    )


def check_law(submission):
    """Mean and standard deviation as asked for."""
    x = submission.sample_with_gradient(
        *make(), 4000
    ).detach()  # drawn in a loop, too, it must be fast
    mean, std = x.mean(0).tolist(), x.std(0).tolist()
    close = all(abs(a - b) < 0.1 * s for a, b, s in zip(mean + std, MEAN + STD, STD + STD))
    assert close, (
        f"4000 samples have the mean {[round(v, 2) for v in mean]} and the standard deviation "
        f"{[round(v, 2) for v in std]}; {MEAN} and {STD} are asked for."
    )
    beyond = ((x - torch.tensor(MEAN)).abs() > 2 * torch.tensor(STD)).float().mean().item()
    assert 0.03 < beyond < 0.06, (
        f"{100 * beyond:.1f} % of the samples lie more than two standard deviations out; of a normal "
        "law 4.6 % do."
    )


def check_gradients(submission):
    """d x / d mean = 1, d x / d std = epsilon."""
    mean, std = make()
    x = submission.sample_with_gradient(mean, std, 5)
    assert x.requires_grad, "Your samples hold no graph: no gradient can reach mean and std."
    x.sum().backward()
    assert mean.grad is not None and std.grad is not None, (
        f"No gradient reaches {'mean' if mean.grad is None else 'std'}."
    )
    noise = ((x - mean) / std).detach().sum(0)
    assert torch.allclose(mean.grad, torch.full((2,), 5.0), atol=1e-4), (
        f"Five samples, each moving with mean one to one: 5 is its gradient, yours {mean.grad.tolist()}."
    )
    assert torch.allclose(std.grad, noise, atol=1e-3), (
        f"The gradient of std is {[round(v, 3) for v in std.grad.tolist()]}; the sum of the noise, "
        f"{[round(v, 3) for v in noise.tolist()]}, is right."
    )


def drawn_on_tape(x):
    """Whether a draw, `torch.normal`, stands on the tape of x."""
    return any(node.name().startswith("NormalBackward") for node in graph_nodes(x))


def law_of(data):
    """Mean and spread of samples in words, so that it does not matter in which order they were drawn."""
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    means = {"mean": mean, "0": 0 * mean, "mean + std / 2": mean + std / 2, "mean std": mean * std}
    spreads = {
        "std": std,
        "1": torch.ones(2),
        "std²": std**2,
        "√std": std.sqrt(),
        "exp(std)": std.exp(),
        "exp(std / 2)": (std / 2).exp(),
        "std / √12": std / 12**0.5,
        "std / √3": std / 3**0.5,
        "mean + std": mean + std,
    }
    found, spread = data.mean(0), data.std(0)
    near = [word for word, m in means.items() if bool(((found - m).abs() < 0.1 * spread).all())]
    wide = [word for word, s in spreads.items() if bool(((spread / s).log().abs() < 0.08).all())]
    return [
        near[:1] or [round(v) for v in found.tolist()],
        wide[:1] or [round(v) for v in (2 * spread.log()).tolist()],
    ]


def observe(submission, rng):
    mean, std = make()
    x = submission.sample_with_gradient(mean, std, 2000)
    grads = attempt(lambda: [g is not None for g in torch.autograd.grad(
        x.sum(), [mean, std], retain_graph=True, allow_unused=True)])  # fmt: skip
    data = x.detach()
    beyond = ((data - data.mean(0)).abs() > 2 * data.std(0)).float().mean()
    law = law_of(data)
    noise = (1000 * (data - torch.tensor(MEAN)) / torch.tensor(STD)).round()
    apart = [noise[0].unique().numel(), noise[:4, 0].unique().numel()]
    moving = [
        attempt(
            lambda p=p: bool(torch.autograd.grad(x[0, 0], p, retain_graph=True)[0][0].abs() > 1e-5)
        )
        for p in (mean, std)
    ]
    return [
        list(x.shape),
        grads,
        law,
        bool(0.03 < beyond < 0.06),
        apart,
        moving,
        drawn_on_tape(x),
    ]
