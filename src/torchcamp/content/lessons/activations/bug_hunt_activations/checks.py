"""The straight line first, then the points far away."""

import runpy
from pathlib import Path

import torch

DIRECTIONS = torch.cat([torch.eye(2), -torch.eye(2), torch.tensor([[1.0, 1.0], [-1.0, 1.0]])])
FAR = 1e5 * DIRECTIONS


def data(seed=0):
    generator = torch.Generator().manual_seed(seed)
    points = 4 * torch.rand(128, 2, generator=generator) - 2
    return points, (points.norm(dim=1) < 1.2).float()


def share_right(network, points, inside):
    with torch.no_grad():
        return ((network(points) > 0.5).float() == inside).float().mean().item()


def check_more_than_a_line(submission):
    """A circle is learnt."""
    points, inside = data()
    network = submission.train(points, inside, 150)
    with torch.no_grad():
        returned = network(points)
    assert tuple(returned.shape) == (128,), f"128 points gave {tuple(returned.shape)}."
    share = share_right(network, points, inside)
    straight = max(inside.mean().item(), 1 - inside.mean().item())
    assert share > straight + 0.1, (
        f"After 150 steps {100 * share:.1f} % of the points are named right. Saying the same of all of "
        f"them gives {100 * straight:.1f} %. At (0, 0) it says {network(torch.zeros(1, 2)).item():.3f}, "
        f"far out {[round(v, 2) for v in submission.train(points, inside, 0)(FAR).tolist()]} untrained."
    )


def check_far_away(submission):
    """A probability for every point."""
    points, inside = data()
    network = submission.train(points, inside, 0)
    with torch.no_grad():
        near, far = network(30 * DIRECTIONS), network(FAR)
    words = "On the way from 30 to 100,000 in six directions the probability goes from " + (
        f"{[round(v, 3) for v in near.tolist()]} to {[round(v, 3) for v in far.tolist()]}."
    )
    assert torch.isfinite(far).all(), words
    assert ((near > 0.5) == (far > 0.5)).all(), words + " It must not turn around on the way."


def check_nothing_else_changed(submission):
    """Seed, rate and sizes are as they were."""
    points, inside = data()
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    far = torch.cat([points, 10 * points, torch.eye(2) * 1e5, -torch.eye(2) * 1e5])
    returned, expected = submission.train(points, inside, 3)(far), mended(points, inside, 3)(far)
    assert torch.allclose(returned, expected, atol=1e-3), (
        "After three steps the probabilities are not what they are with those lines mended and "
        "nothing else changed."
    )


def observe(submission, rng):
    points, inside = data(int(torch.randint(1000, (), generator=rng)))
    directions = torch.cat([torch.eye(2), -torch.eye(2), points[:4]])
    untrained, trained = (submission.train(points, inside, n) for n in (0, 20))
    return [untrained(1e5 * directions), trained(points[:6]), trained(10 * points[:6])]
