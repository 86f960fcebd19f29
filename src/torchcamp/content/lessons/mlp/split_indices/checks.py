"""Sizes, no overlap, mixed, repeatable, and the rest of the program untouched."""

import torch

from torchcamp.reading.probes import moves_random_state


def piles(submission, n=100, validation=0.2, test=0.1, seed=0):
    returned = submission.split_indices(n, validation, test, seed)
    assert len(returned) == 3, f"Return three piles; yours are {len(returned)}."
    return [[int(i) for i in pile] for pile in returned]


def check_sizes(submission):
    """As asked for."""
    for n, validation, test, expected in (
        (10, 0.2, 0.1, (7, 2, 1)),
        (25, 0.1, 0.3, (16, 2, 7)),
        (20, 0.25, 0.0, (15, 5, 0)),
    ):
        sizes = tuple(len(pile) for pile in piles(submission, n, validation, test))
        assert sizes == expected, (
            f"n = {n}, validation {validation}, test {test}: piles of {sizes}; {expected} is right."
        )


def check_every_example_once(submission):
    """No overlap, nothing lost."""
    together = sorted(i for pile in piles(submission) for i in pile)
    twice = len(together) - len(set(together))
    assert together == list(range(100)), (
        f"Of 100 examples, {twice} lie in two piles and {len(set(range(100)) - set(together))} in none."
    )


def check_mixed(submission):
    """A sorted file does not put one class into one pile."""
    train, validation, test = piles(submission)
    assert max(train) > 90 and min(validation) < 80 and validation != sorted(validation), (
        f"The validation pile is {validation[:8]} ...: not drawn at random."
    )


def check_same_seed(submission):
    """Run it again tomorrow."""
    first = piles(submission)
    torch.rand(5)  # somebody else draws in between
    second = piles(submission)
    moved = len(set(first[0]) & set(second[1]))
    assert first == second, (
        f"Called again with the same seed, {moved} of the training examples of the first call are in "
        "the validation pile."
    )


def check_other_seed(submission):
    """Another seed, other piles."""
    assert piles(submission, seed=0) != piles(submission, seed=1), (
        "Seeds 0 and 1 give the same piles."
    )


def check_others_undisturbed(submission):
    """The program's own random numbers."""
    assert not moves_random_state(lambda: piles(submission)), (
        "After your call the program draws other random numbers than without it: you seeded, or drew "
        "from, the random numbers that everybody shares."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    first = piles(submission, 60, 0.2, 0.1, seed)
    again = piles(submission, 60, 0.2, 0.1, seed)
    together = sorted(i for pile in first for i in pile)
    torch.manual_seed(1)
    piles(submission)
    return [
        [len(pile) for pile in first],
        [len(pile) for pile in piles(submission, 20, 0.25, 0.0, seed)],
        together == list(range(60)),
        len(set(first[0]) & set(again[1])) > 0,
        [pile == sorted(pile) for pile in first],
        first == piles(submission, 60, 0.2, 0.1, seed + 1),
        torch.rand(2),
        first[0][:3] == sorted(first[0])[:3],
        first[1] if first == again else 0,
    ]
