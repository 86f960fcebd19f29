"""One picture, a batch, an untrained network, large logits, then the gradient."""

import math

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt


def expect(submission, logits, labels, words):
    logits, labels = torch.tensor(logits), torch.tensor(labels)
    returned = submission.cross_entropy(logits, labels)
    expected = F.cross_entropy(logits, labels).item()
    assert returned.dim() == 0, f"{words}: return a scalar, not {tuple(returned.shape)}."
    assert abs(returned.item() - expected) < 1e-4, (
        f"{words}: your loss is {returned.item():.4f}; {expected:.4f} is right."
    )


def check_one_picture(submission):
    """-log of the right class's probability."""
    expect(submission, [[0.0, math.log(3.0)]], [1], "Logits [[0, ln 3]], class 1")


def check_batch(submission):
    """The mean over pictures."""
    logits = [[2.0, 0.0, -1.0], [0.0, 0.5, 3.0]]
    expect(submission, logits, [0, 1], f"Logits {logits}, classes [0, 1]")


def check_untrained(submission):
    """ln K when nothing is known."""
    expect(submission, [[0.0] * 10] * 4, [0, 3, 5, 9], "Ten logits of 0 for each of four pictures")


def check_large_logits(submission):
    """No inf, no nan."""
    expect(submission, [[1000.0, 0.0], [0.0, 30.0]], [0, 0], "Logits [[1000, 0], [0, 30]], class 0")
    expect(submission, [[1000.0, 0.0]], [1], "Logits [[1000, 0]], class 1")


def check_gradient(submission):
    """softmax minus one-hot, over N."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.5, 3.0]], requires_grad=True)
    loss = submission.cross_entropy(logits, torch.tensor([0, 1]))
    assert loss.requires_grad, "Your loss holds no graph, so no network can learn from it."
    (grad,) = torch.autograd.grad(loss, logits)
    expected = (logits.softmax(1) - F.one_hot(torch.tensor([0, 1]), 3)) / 2
    i = int(torch.isclose(grad[0], expected[0], atol=1e-5).all())  # the first picture that is wrong
    assert torch.allclose(grad, expected, atol=1e-5), (
        f"The gradient of picture {i} is {[round(v, 4) for v in grad[i].tolist()]}; "
        f"{[round(v, 4) for v in expected[i].tolist()]} is right."
    )


def observe(submission, rng):
    seen = []
    for scale in (1.0, 3.0):
        logits = scale * torch.randn(4, 5, generator=rng)
        labels = torch.randint(5, (4,), generator=rng)
        seen.append(attempt(lambda x=logits, y=labels: submission.cross_entropy(x, y)))
    far = torch.tensor([[200.0, 0.0, 50.0]], requires_grad=True)
    seen.append(attempt(lambda: submission.cross_entropy(far, torch.tensor([1]))))
    seen.append(attempt(lambda: submission.cross_entropy(far, torch.tensor([1])).requires_grad))
    # Each row is harmless by itself; together they are far apart.
    rows = torch.tensor([[0.0, 1.0], [200.0, 201.0]])
    loss = attempt(lambda: float(submission.cross_entropy(rows, torch.tensor([1, 0]))))
    seen.append("lost" if isinstance(loss, float) and not math.isfinite(loss) else loss)
    return seen
