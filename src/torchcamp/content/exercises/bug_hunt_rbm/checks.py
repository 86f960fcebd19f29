"""Whether the units still answer, then whether the steps stay alike."""

import torch


def batches(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [(torch.rand(16, 12, generator=generator) < 0.7).float() for _ in range(4)]


def saturated(submission, seed=0, num_epochs=4):
    weight, _ = submission.train(batches(seed), 6, num_epochs)
    h = torch.sigmoid(torch.cat(batches(seed)) @ weight)
    return ((h < 0.001) | (h > 0.999)).float().mean().item()


def growth(submission, seed=0):
    """The tenth step over the first, with the rate taken out of the question."""
    rate = submission.RATE
    submission.RATE = 0.001
    try:
        _, moved = submission.train(batches(seed), 6, 10)
    finally:
        submission.RATE = rate
    return moved[9] / moved[0]


def check_rate(submission):
    """The hidden units still answer to what they see."""
    share = saturated(submission)
    assert share < 0.5, (
        f"After four epochs {100 * share:.0f} % of the hidden probabilities are within 0.001 of 0 or 1. (With a "
        f"tiny rate the tenth epoch's step is {growth(submission):.1f} times the first.)"
    )
    assert 0.01 <= submission.RATE <= 0.1, (
        f"A rate between 0.01 and 0.1 is right, not {submission.RATE}."
    )


def check_sums(submission):
    """Each epoch counts itself."""
    ratio = growth(submission)
    assert ratio < 3, (
        f"With a rate of 0.001, which hardly moves anything, the tenth epoch makes a step {ratio:.1f} times as "
        "long as the first. They should be about as long."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    rate = submission.RATE
    return [
        "small" if rate <= 0.1 else "large",
        "grows" if growth(submission, seed) > 3 else "even",
    ]
