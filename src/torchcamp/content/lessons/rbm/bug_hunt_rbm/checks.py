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


def written_out(batches, rate, num_hidden=6, num_epochs=3):
    """The weights that the mended script ends with."""
    torch.manual_seed(0)
    weight = 0.1 * torch.randn(batches[0].shape[1], num_hidden)
    for _ in range(num_epochs):
        sums = torch.zeros_like(weight)
        for v in batches:
            h = torch.sigmoid(v @ weight)
            model = torch.bernoulli(torch.sigmoid(torch.bernoulli(h) @ weight.T))
            sums += (v.T @ h - model.T @ torch.sigmoid(model @ weight)) / len(v)
        weight = weight + rate * sums / len(batches)
    return weight


def off(submission, seed=0, num_epochs=3):
    weight, _ = submission.train(batches(seed), 6, num_epochs)
    right = written_out(batches(seed), submission.RATE, num_epochs=num_epochs)
    return (weight - right).abs().max().item()


def first_step(submission, seed=0):
    """Along what the first epoch moves each weight, with the rate divided out: equal at any rate."""
    begin = written_out(batches(seed), submission.RATE, num_epochs=0)
    weight, _ = submission.train(batches(seed), 6, 1)
    return ((weight - begin) / submission.RATE).flatten().tolist()


def excess(submission, seed=0):
    """By what the second epoch's step is off, and the first epoch's step."""
    begin, first, second = (
        written_out(batches(seed), submission.RATE, num_epochs=number) for number in range(3)
    )
    weight, _ = submission.train(batches(seed), 6, 2)
    return weight - second, first - begin


def carried(submission, seed=0):
    """How much of the first epoch's step comes again in the second; 0 where the first is off itself."""
    if off(submission, seed, 1) > 1e-4:
        return 0.0
    more, step = excess(submission, seed)
    return (more * step).sum().item() / step.square().sum().item()


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
    share = carried(submission)
    more, step = excess(submission)
    explained = (more - share * step).norm() < 0.02 * more.norm()
    words = f"its own, plus {share:.2f} times the first epoch's" if explained else "not its own"
    assert abs(share) < 0.02, (
        f"The second epoch's step is {words}. Each epoch counts itself alone, and "
        "whole: what an epoch adds up must neither be there when the next begins nor be divided by how many there were."
    )


def check_nothing_else(submission):
    """The rest was right."""
    found = off(submission, num_epochs=1)
    assert found < 1e-4, (
        f"After one epoch the weights are off by up to {found:.4f} from the script with its two lines mended: something "
        "else was changed. Every batch of an epoch counts."
    )
    found = off(submission)
    assert found < 1e-4, (
        f"The first epoch is right; after three the weights are off by up to {found:.4f} from the script with its two "
        "lines mended. What goes on from one epoch to the next is the weights, and nothing else."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    rate = submission.RATE
    return [
        "small" if rate <= 0.1 else "large",
        "grows" if growth(submission, seed) > 3 else "even",
        round(carried(submission, seed), 2),
        first_step(submission, seed),
        off(submission, seed) > 1e-4,
    ]
