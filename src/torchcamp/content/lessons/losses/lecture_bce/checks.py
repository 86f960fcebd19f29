"""Two classes, then four, then a batch."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt, expect_graph


def expect(submission, probs, labels):
    probs, labels = torch.tensor(probs), torch.tensor(labels)
    returned = submission.lecture_bce(probs, labels)
    targets = F.one_hot(labels, probs.shape[1]).float()
    expected = F.binary_cross_entropy(probs, targets, reduction="sum").item() / len(labels)
    assert returned.dim() == 0, f"Return a scalar, not the shape {tuple(returned.shape)}."
    assert abs(returned.item() - expected) < 1e-4, (
        f"Probabilities {probs.tolist()}, classes {labels.tolist()}: your loss is "
        f"{returned.item():.4f}; {expected:.4f} is right."
    )


def check_own_class(submission):
    """Two classes, one picture."""
    expect(submission, [[0.5, 0.5]], [0])
    expect(submission, [[0.75, 0.25]], [0])


def check_other_classes(submission):
    """Every other class has a term."""
    expect(submission, [[0.25, 0.5, 0.125, 0.125]], [1])


def check_batch(submission):
    """The mean over pictures."""
    expect(submission, [[0.25, 0.5, 0.125], [0.5, 0.75, 0.25], [0.5, 0.5, 0.5]], [1, 2, 0])


def check_graph(submission):
    """The network learns from it."""
    probs, labels = torch.tensor([[0.25, 0.5, 0.125], [0.5, 0.75, 0.25]]), torch.tensor([1, 2])
    expect_graph(lambda probs: submission.lecture_bce(probs, labels), probs=probs)


def observe(submission, rng):
    seen = []
    for n, k in ((1, 2), (3, 4), (5, 3)):
        probs = 0.05 + 0.9 * torch.rand(n, k, generator=rng)
        labels = torch.randint(k, (n,), generator=rng)
        seen.append(attempt(lambda p=probs, y=labels: submission.lecture_bce(p, y), words=True))
    return seen
