"""A swapped pair, a cycle, then rows that compete for the same state."""

import torch


def total(learned, true, order):
    return float((learned[order] - true).square().sum())


def expect(submission, learned, true, expected, words):
    returned = submission.match_states(learned, true)
    returned = torch.as_tensor(returned).tolist()
    assert sorted(returned) == list(range(len(true))), (
        f"{words}: your order {returned} is no permutation: each state must be used once."
    )
    assert returned == expected, (
        f"{words}: your order {returned} leaves a difference of {total(learned, true, returned):.3f}; "
        f"{expected} leaves {total(learned, true, expected):.3f}."
    )


TRUE = torch.tensor([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]])


def check_same(submission):
    """Already in order."""
    expect(submission, TRUE + 0.01, TRUE, [0, 1, 2], "States in the right order")


def check_cycle(submission):
    """learned[order], not its inverse."""
    learned = TRUE[[1, 2, 0]] + 0.01
    expect(submission, learned, TRUE, [2, 0, 1], "States renumbered in a cycle")


RIVALS_TRUE = torch.tensor([[0.6, 0.4, 0.0], [0.5, 0.4, 0.1], [0.0, 0.1, 0.9]])
RIVALS = torch.tensor([[0.2, 0.5, 0.3], [0.55, 0.4, 0.05], [0.05, 0.05, 0.9]])


def check_rivals(submission):
    """Two true states are nearest to the same learned one."""
    best = min(([1, 0, 2], [0, 1, 2]), key=lambda order: total(RIVALS, RIVALS_TRUE, order))
    expect(submission, RIVALS, RIVALS_TRUE, best, "Two true states that are alike")
    learned = torch.tensor([[1.0, 0.0], [4.0, 0.0]])
    true = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    expect(submission, learned, true, [1, 0], "A greedy choice that costs more in the end")


def check_squares(submission):
    """All differences count, a large one more."""
    learned = torch.tensor([[0.3, 0.3, 0.4], [0.1, 0.8, 0.1]])
    true = torch.tensor([[0.3, 0.3, 0.4], [0.8, 0.1, 0.1]])
    expect(submission, learned, true, [1, 0], "One large difference or several small ones")
    learned = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    true = torch.tensor([[0.9, 0.0, 0.1], [0.1, 0.9, 0.0]])
    expect(submission, learned, true, [1, 0], "One large difference or several a little smaller")


def observe(submission, rng):
    seen = []
    for _ in range(40):
        learned, true = torch.rand(2, 4, 3, generator=rng)
        seen.append(torch.as_tensor(submission.match_states(learned, true)).tolist())
    return seen
