"""The loss, that it moves, its length when clipped and when not, an overflow, then two steps."""

import torch
from torch import nn
from torch.amp import GradScaler

from torchcamp.course.judge.checks import attempt


def make(seed=0, rate=1.0, scale=1024.0):
    torch.manual_seed(seed)
    network = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    scaler = GradScaler("cpu", init_scale=scale, growth_interval=2)
    return network, optimizer, scaler, torch.randn(8, 3), 5 * torch.randn(8, 1)


def moved(submission, max_norm, seed=0, **options):
    parts = make(seed, **options)
    before = [p.detach().clone() for p in parts[0].parameters()]
    loss = submission.scaled_step(*parts, max_norm=max_norm)
    length = torch.cat(
        [(p.detach() - q).flatten() for p, q in zip(parts[0].parameters(), before)]
    ).norm()
    return loss, float(length), parts


def true_norm(seed=0):
    network, _, _, x, y = make(seed)
    grads = torch.autograd.grad((network(x) - y).square().mean(), list(network.parameters()))
    return float(torch.cat([g.flatten() for g in grads]).norm()), float(
        (network(x) - y).square().mean()
    )


def check_loss(submission):
    """In its own units."""
    loss, _, _ = moved(submission, 1.0)
    assert loss is not None and abs(float(loss) - true_norm()[1]) < 1e-2, (
        f"The loss is {true_norm()[1]:.3f}; you returned {loss}."
    )


def check_float(submission):
    """A number."""
    loss, _, _ = moved(submission, 1.0)
    assert not isinstance(loss, torch.Tensor) or not loss.requires_grad, (
        "The loss that you return holds its graph: whoever keeps it for a curve keeps the step's memory."
    )


def check_clipped(submission):
    """A step of the allowed length."""
    _, length, _ = moved(submission, 1.0)
    assert abs(length - 1) < 1e-2, (
        f"The gradient's true norm is {true_norm()[0]:.2f}, clipped to 1; with rate 1 the step is 1 long; yours is {length:.6f}."
    )


def check_not_clipped(submission):
    """A clip that does not bite."""
    _, length, _ = moved(submission, 1000.0)
    norm = true_norm()[0]
    assert abs(length - norm) < 1e-2 * norm, (
        f"With max_norm 1000 nothing is clipped: the step is {norm:.3f} long; yours is {length:.3f}."
    )


def check_overflow(submission):
    """A step whose gradients are inf is left out."""
    network, optimizer, scaler, x, y = make()
    before = network.weight.detach().clone()
    submission.scaled_step(network, optimizer, scaler, x * 1e30, y * 1e30)
    after = network.weight.detach()
    assert torch.equal(before, after), (
        "The gradients were inf, and your step used them: `scaler.step` leaves such a step out."
    )


def scales(submission, seed=0):
    network, optimizer, scaler, x, y = make(seed, rate=0.0)
    for _ in range(4):
        submission.scaled_step(network, optimizer, scaler, x, y)
    return scaler.get_scale()


def check_updated(submission):
    """The scale grows when all goes well."""
    scale = scales(submission)
    assert scale > 1024, (
        f"After four good steps the scale should have grown from 1024; it is {scale:.0f}: `scaler.update()`, after each step, lets it grow."
    )


def off(submission, seed=0):
    """How far the weights are, after three steps, from steps that follow their own gradient."""
    network, optimizer, scaler, x, y = make(seed, rate=0.05, scale=1.0)
    weight, bias = network.weight.detach().clone(), network.bias.detach().clone()
    for _ in range(3):
        submission.scaled_step(network, optimizer, scaler, x, y, max_norm=1e9)
        w, b = weight.requires_grad_(), bias.requires_grad_()
        grads = torch.autograd.grad((x @ w.T + b - y).square().mean(), [w, b])
        weight, bias = ((p - 0.05 * g).detach() for p, g in zip((w, b), grads))
    return float((network.weight - weight).abs().max())


def check_second_step(submission):
    """Gradients are those of one step."""
    worst = off(submission)
    assert worst < 1e-4, (
        f"After three steps with a scale of 1 the weights are off by {worst:.3f} from where three steps lead that use their own "
        "gradient only. (A scale of 1024 hides what is left over from the step before: a thousandth of the new gradient.)"
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    seen = []
    for max_norm in (1.0, 1000.0):
        loss, length, _ = moved(submission, max_norm, seed)
        graph = isinstance(loss, torch.Tensor) and loss.requires_grad
        seen.append([round(float(loss), 2), graph, round(length, 3)])
    network, optimizer, scaler, x, y = make(seed)
    submission.scaled_step(network, optimizer, scaler, x * 1e30, y * 1e30)
    finite = bool(torch.isfinite(network.weight).all())
    grown = attempt(lambda: scales(submission, seed) > 1024, words=True)
    return [seen, finite, grown, attempt(lambda: off(submission, seed) < 1e-4, words=True)]
