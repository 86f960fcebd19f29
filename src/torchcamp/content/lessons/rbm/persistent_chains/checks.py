"""CD twice, then PCD twice, with a step that can be counted, and what was returned before."""

import torch


def plus_one(v):
    return v + 1


def check_cd(submission):
    """k steps from the data, each time."""
    sampler = submission.CD(plus_one, 3)
    for start in (0.0, 10.0):
        v = torch.full((2, 2), start)
        returned = float(sampler.negative(v).mean())
        assert returned == start + 3, (
            f"CD-3 from data at {start:.0f}, with a step that adds 1: yours gives {returned:.0f}; "
            f"{start + 3:.0f} is right."
        )


def check_pcd_first(submission):
    """The chains begin where they were put."""
    sampler = submission.PCD(plus_one, 3, torch.zeros(4, 2))
    returned = sampler.negative(torch.full((2, 2), 50.0))
    assert returned.shape == (4, 2), f"Four chains: yours is {tuple(returned.shape)}."
    assert float(returned.mean()) == 3, (
        f"PCD-3 with chains at 0 and data at 50: yours gives {float(returned.mean()):.0f}; 3 is right."
    )


def check_pcd_goes_on(submission):
    """The second batch."""
    sampler = submission.PCD(plus_one, 3, torch.zeros(4, 2))
    values = [float(sampler.negative(torch.full((2, 2), 50.0)).mean()) for _ in range(3)]
    assert values == [3, 6, 9], f"Three batches should give 3, 6, 9; yours gave {values}."


def stays(sampler):
    """What one call returned, right then and after the next call."""
    first = sampler.negative(torch.zeros(2, 2))
    then = float(first.mean())
    sampler.negative(torch.zeros(2, 2))
    return then, float(first.mean())


def check_returned_bits_stay(submission):
    """The first batch's bits, after the second batch."""
    then, after = stays(submission.PCD(plus_one, 3, torch.zeros(4, 2)))
    assert then == after, (
        f"The bits that PCD's first call returned were {then:.0f}; after the second call the same tensor holds {after:.0f}."
    )


def observe(submission, rng):
    k = int(torch.randint(4, 9, (), generator=rng))  # k - 1 must not look like one step
    start = int(torch.randint(20, 40, (), generator=rng))
    cd = submission.CD(plus_one, k)
    pcd = submission.PCD(plus_one, k, torch.zeros(4, 2))
    data = [torch.full((2, 2), float(start + n)) for n in range(3)]
    then, after = stays(submission.PCD(plus_one, k, torch.zeros(4, 2)))
    return [[[float(s.negative(v).mean()) for v in data] for s in (cd, pcd)], then == after]
