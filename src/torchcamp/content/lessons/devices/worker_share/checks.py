"""Equal shares, no overlap, new orders, then the measure of the whole."""

from itertools import chain

import torch


def shares(submission, number=21, ranks=4, epoch=0, seed=0):
    return [
        submission.worker_share(number, rank, ranks, epoch, seed).tolist() for rank in range(ranks)
    ]


def check_equal(submission):
    """Equally many."""
    sizes = [len(share) for share in shares(submission)]
    assert sizes == [5, 5, 5, 5], f"21 pictures for four ranks are 5 each; yours are {sizes}."


def check_apart(submission):
    """No picture twice."""
    for epoch in range(3):
        together = list(chain(*shares(submission, epoch=epoch)))
        assert len(set(together)) == 20, (
            f"In epoch {epoch} the four shares hold {len(set(together))} different pictures instead of 20: some were seen "
            "more than once, others never."
        )
        assert max(together) < 21 and min(together) >= 0, "An index lies outside of the data."


def check_new_order(submission):
    """Every epoch another one."""
    first, second = shares(submission, epoch=0)[0], shares(submission, epoch=1)[0]
    assert first != second, (
        f"In two epochs rank 0 got the same pictures in the same order: {first}."
    )
    assert first != sorted(first), "The order is not shuffled."
    other = shares(submission, epoch=0, seed=5)[0]
    assert first != other, f"With the seeds 0 and 5 rank 0 gets the same share of epoch 0: {first}."
    assert first == shares(submission, epoch=0)[0], (
        "The same epoch and seed must give the same share again."
    )


def check_whole(submission):
    """The measure over all ranks."""
    found = submission.mean_over_ranks(torch.tensor([4.0, 9.0]), torch.tensor([4.0, 6.0]))
    assert abs(float(found) - 1.3) < 1e-5, (
        f"Sums (4, 9) over counts (4, 6) are 1.3; yours is {float(found):.3f}."
    )


def apart_kind(submission, seed):
    """Whether the shares of one epoch are apart, in a word."""
    once, again = shares(submission, seed=seed), shares(submission, seed=seed)
    if once != again:
        return "drawn anew"
    if any(len(set(share)) < len(share) for share in once):
        return "twice in one share"
    if len(set(chain(*once))) == sum(map(len, once)):
        return "apart"
    singles = list(chain(*shares(submission, ranks=21, seed=seed)))  # one picture a rank
    return "one order" if len(set(singles)) == len(singles) else "an order for each rank"


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    apart = apart_kind(submission, seed)
    if apart == "drawn anew":
        return apart
    all_ranks = shares(submission, seed=seed)
    sums, counts = torch.rand(3, generator=rng) * 9, torch.tensor([5.0, 3.0, 1.0])
    seeded = shares(submission, seed=seed + 7)[0] != all_ranks[0]
    later = shares(submission, epoch=1, seed=seed)
    seeded_later = shares(submission, epoch=1, seed=seed + 7)[0] != later[0]
    sizes = [len(s) for s in all_ranks]
    return [
        "uneven" if len(set(sizes)) > 1 else sizes,
        apart,
        later[0] != all_ranks[0],
        seeded,
        seeded_later,
        all_ranks[0] == sorted(all_ranks[0]),
        submission.mean_over_ranks(sums, counts),
    ]
