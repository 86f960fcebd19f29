"""Equal logits, a perfect model, random logits, then the gradient."""

import torch

from torchcamp.course.judge.checks import expect_graph


def batch(seed=0, steps=5, size=4, num_symbols=7):
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(steps, size, num_symbols, generator=generator)
    return logits, torch.randint(num_symbols, (size, steps), generator=generator)


def right(logits, targets):
    log_p = logits.log_softmax(2)
    steps, size, _ = logits.shape
    return -sum(float(log_p[t, b, targets[b, t]]) for t in range(steps) for b in range(size)) / (
        steps * size
    )


def check_equal_logits(submission):
    """ln V."""
    logits, targets = batch(num_symbols=65)
    returned = submission.lm_loss(0 * logits, targets)
    assert returned.dim() == 0, f"A scalar is wanted; yours is {tuple(returned.shape)}."
    assert abs(float(returned) - 4.1744) < 1e-3, (
        f"Equal logits for 65 characters cost ln 65 = 4.1744 nats each; your loss is {float(returned):.4f}."
    )


def check_perfect(submission):
    """Sure and right."""
    logits, targets = batch()
    perfect = 30 * torch.nn.functional.one_hot(targets.T, 7).float()
    returned = float(submission.lm_loss(perfect, targets))
    assert returned < 1e-3, (
        f"A model that is sure of every next character, and right, has the loss 0; yours is {returned:.3f}."
    )


def check_random(submission):
    """Random logits."""
    for seed in range(3):
        parts = batch(seed)
        returned, expected = float(submission.lm_loss(*parts)), right(*parts)
        assert abs(returned - expected) < 1e-3, (
            f"Random logits {seed}: your loss is {returned:.4f}; character by character it is {expected:.4f}."
        )


def check_graph(submission):
    """The network learns from it."""
    logits, targets = batch()
    expect_graph(lambda logits: submission.lm_loss(logits, targets), logits=logits)


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    logits, targets = batch(seed)
    perfect = 30 * torch.nn.functional.one_hot(targets.T, 7).float()
    f = submission.lm_loss
    return [f(logits, targets), f(0 * logits, targets), f(perfect, targets)]
