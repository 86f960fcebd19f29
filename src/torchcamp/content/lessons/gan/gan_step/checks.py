"""The losses, D's step, G's step, then whose gradients went where."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


class Logits(nn.Sequential):
    def forward(self, x):
        return super().forward(x).squeeze(1)


def make(seed=0, g_rate=0.3, d_rate=0.3, momentum=0.0):
    torch.manual_seed(seed)
    g = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    d = Logits(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    g_optimizer = torch.optim.SGD(g.parameters(), lr=g_rate, momentum=momentum)
    d_optimizer = torch.optim.SGD(d.parameters(), lr=d_rate, momentum=momentum)
    return g, d, g_optimizer, d_optimizer, torch.randn(6, 2) + 2, torch.randn(6, 3)


def reference(g, d, real, z, g_rate=0.3, d_rate=0.3):
    """The step written out, on copies."""
    g, d = copy.deepcopy(g), copy.deepcopy(d)
    d_loss = F.softplus(-d(real)).mean() + F.softplus(d(g(z).detach())).mean()
    grads = torch.autograd.grad(d_loss, list(d.parameters()))
    with torch.no_grad():
        for p, grad in zip(d.parameters(), grads):
            p -= d_rate * grad
    g_loss = F.softplus(-d(g(z))).mean()
    grads = torch.autograd.grad(g_loss, list(g.parameters()))
    with torch.no_grad():
        for p, grad in zip(g.parameters(), grads):
            p -= g_rate * grad
    return g, d, d_loss.item(), g_loss.item()


def apart(network, other):
    return max((p - q).abs().max().item() for p, q in zip(network.parameters(), other.parameters()))


def run(submission, parts):
    try:
        return submission.gan_step(*parts)
    except RuntimeError as error:
        words = str(error).partition(".")[0]
        raise AssertionError(f"PyTorch refused: {words}.") from None


def check_losses(submission):
    """What is returned."""
    parts = make()
    _, _, d_loss, g_loss = reference(parts[0], parts[1], parts[4], parts[5])
    returned = run(submission, parts)
    assert returned is not None and len(returned) == 2, "Return D's loss and G's loss."
    assert abs(returned[0] - d_loss) < 1e-4, (
        f"D's loss is {d_loss:.4f} before its step; yours says {returned[0]:.4f}."
    )
    assert abs(returned[1] - g_loss) < 1e-4, (
        f"G's loss, judged by the D of now, is {g_loss:.4f}; yours says {returned[1]:.4f}."
    )


def check_discriminator(submission):
    """D moves down its own loss, once."""
    parts = make()
    _, d, _, _ = reference(parts[0], parts[1], parts[4], parts[5])
    run(submission, parts)
    assert apart(parts[1], d) < 1e-4, (
        f"After your step D's weights are off by up to {apart(parts[1], d):.4f} from one step down its own loss."
    )


def check_generator(submission):
    """G moves down its own loss, once."""
    parts = make()
    g, _, _, _ = reference(parts[0], parts[1], parts[4], parts[5])
    before = copy.deepcopy(parts[0])
    run(submission, parts)
    assert apart(parts[0], before) > 0, (
        "After your step G is bit for bit what it was: its optimizer did not step, or no gradient had reached it."
    )
    assert apart(parts[0], g) < 1e-4, (
        f"After your step G's weights are off by up to {apart(parts[0], g):.4f} from one step down its own loss."
    )


def check_detached(submission):
    """D's loss sends nothing to G."""
    parts = make(g_rate=0.0)
    seen = []
    inner = parts[3].step

    def step(*args, **kwargs):
        seen.append(
            [None if p.grad is None else float(p.grad.abs().sum()) for p in parts[0].parameters()]
        )
        return inner(*args, **kwargs)

    parts[3].step = step
    run(submission, parts)
    left = [g for g in seen[0] if g]
    assert not left, (
        "When D's optimizer stepped, G held gradients of D's loss: the fakes were not detached. That work is "
        "for nothing, and it is a bug as soon as somebody moves a zero_grad."
    )


def check_second_step(submission):
    """A second step knows nothing of the first."""
    parts = make()
    g, d = copy.deepcopy(parts[0]), copy.deepcopy(parts[1])
    for _ in range(2):
        run(submission, parts)
        g, d, _, _ = reference(g, d, parts[4], parts[5])
    worst = max(apart(parts[0], g), apart(parts[1], d))
    assert worst < 1e-4, (
        f"After one step the weights were right, after two they are off by up to {worst:.4f}: the second step used "
        "something that the first had left, such as gradients."
    )


def used(submission, seed=0):
    """Whether gradients that lie in G before the call are used by it, and those that lie in D."""
    found = []
    for which in (0, 1):
        ends = []
        for left in (0.0, 1.0):
            parts = make(seed)
            for p in parts[which].parameters():
                p.grad = torch.full_like(p, left)
            submission.gan_step(*parts)
            ends.append(
                torch.cat([p.detach().flatten() for n in parts[:2] for p in n.parameters()])
            )
        found.append(bool((ends[0] - ends[1]).abs().max() > 1e-4))
    return found


def check_left_before(submission):
    """Gradients from before the first call."""
    names = " and ".join(name for name, is_used in zip("GD", used(submission)) if is_used)
    assert not names, (
        f"Gradients that an earlier `backward()` had left in {names} were used by the first step: they must not count."
    )


def check_floats(submission):
    """Losses to keep."""
    returned = run(submission, make())
    assert not any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in returned), (
        "The losses that you return hold their graphs: whoever keeps them for a curve keeps every step's memory."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    parts = make(seed)
    held = {2: [], 3: []}  # whether G holds gradients when each optimizer steps

    def watch(number):
        inner = parts[number].step

        def step(*args, **kwargs):
            grads = [p.grad for p in parts[0].parameters()]
            held[number].append(any(g is not None and bool(g.any()) for g in grads))
            return inner(*args, **kwargs)

        parts[number].step = step

    watch(2)
    watch(3)
    losses, graph = [], False
    for _ in range(2):
        try:
            returned = list(submission.gan_step(*parts))
            graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in returned)
            losses.append([float(loss) for loss in returned])
        except RuntimeError as error:
            losses.append(str(error)[:30])
    flat = torch.cat([p.detach().flatten()[:6] for n in parts[:2] for p in n.parameters()])
    try:
        from_before = used(submission, seed)
    except RuntimeError:
        from_before = "refused"
    return [losses, graph, flat, held[3][:1], held[2][:1], from_before]
