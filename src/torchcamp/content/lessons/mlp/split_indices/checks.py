"""Sizes, no overlap, mixed, repeatable, and the rest of the program untouched."""

import torch

from torchcamp.reading.probes import moves_random_state


def piles(submission, n=100, validation=0.2, test=0.1, seed=0):
    returned = submission.split_indices(n, validation, test, seed)
    assert len(returned) == 3, f"Return three piles; yours are {len(returned)}."
    return [[int(i) for i in pile] for pile in returned]


def is_one_piece(pile):
    """Whether a pile holds neighbours of the file only, in any order."""
    return max(pile) - min(pile) < len(pile)


def lie(one, other):
    """How two piles lie to each other."""
    shared = set(one) & set(other)
    return (
        "apart" if not shared else "inside" if len(shared) == min(len(one), len(other)) else "mixed"
    )


def check_sizes(submission):
    """As asked for."""
    for n, validation, test, expected in (
        (10, 0.2, 0.1, (7, 2, 1)),
        (25, 0.1, 0.3, (16, 2, 7)),
        (20, 0.25, 0.0, (15, 5, 0)),
        (19, 0.15, 0.25, (13, 2, 4)),
    ):
        sizes = tuple(len(pile) for pile in piles(submission, n, validation, test))
        assert sizes == expected, (
            f"n = {n}, validation {validation}, test {test}: piles of {sizes}; {expected} is right."
        )


def check_every_example_once(submission):
    """No overlap, nothing lost."""
    together = sorted(i for pile in piles(submission) for i in pile)
    twice = sum(together.count(i) > 1 for i in set(together))
    assert together == list(range(100)), (
        f"Of 100 examples, {twice} lie in the piles more than once and {len(set(range(100)) - set(together))} not "
        "at all."
    )


def check_mixed(submission):
    """A sorted file does not put one class into one pile."""
    _, validation, _ = piles(submission)
    assert not is_one_piece(validation), (
        f"The validation pile is {validation[:8]} ...: one piece of the file, not drawn at random."
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
    """What is wrong first; nothing of the order itself, which every generator draws in another way."""
    seed = int(torch.randint(1000, (), generator=rng))
    sizes = [
        [[len(pile) for pile in piles(submission, *shares, seed + i)] for i in range(4)]
        for shares in ((60, 0.2, 0.1), (20, 0.25, 0.0), (27, 0.1, 0.3), (19, 0.15, 0.25))
    ]
    if any(each[1:] != of_one[0][1:] for of_one in sizes for each in of_one):
        return "sizes by chance"
    if any(each != of_one[0] for of_one in sizes for each in of_one):
        return "training by chance"
    first = piles(submission, 200, 0.2, 0.1, seed)
    seen = [of_one[0] for of_one in sizes]
    if seen[0] == [42, 12, 6] and sorted(i for pile in first for i in pile) != list(range(200)):
        how = [lie(*first[:2]), lie(*first[::2]), lie(*first[1:])]
        twice = any(len(set(pile)) < len(pile) for pile in first)
        return "one inside another" if "inside" in how and not twice else [twice, "mixed" in how]
    pieces = [is_one_piece(pile) for pile in first]
    seen += [pieces, all(pieces) and [pile == sorted(pile) for pile in first]]
    if first != piles(submission, 200, 0.2, 0.1, seed):
        return [*seen, "not repeated"]
    if first == piles(submission, 200, 0.2, 0.1, seed + 1):
        return [*seen, "the same for each seed"]
    return [*seen, moves_random_state(lambda: piles(submission))]
