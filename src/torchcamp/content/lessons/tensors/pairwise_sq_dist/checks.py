"""Shape, one worked table, random points, and no loop."""

import time

import torch


def check_shape(submission):
    """One row per point of a, one column per point of b."""
    returned = submission.pairwise_sq_dist(torch.zeros(3, 2), torch.zeros(5, 2))
    assert tuple(returned.shape) == (3, 5), (
        f"3 points against 5 points gave a table of shape {tuple(returned.shape)}, not (3, 5)."
    )


def check_worked(submission):
    """The statement's own numbers."""
    a, b = torch.tensor([[0.0, 0.0], [3.0, 0.0]]), torch.tensor([[0.0, 4.0], [1.0, 0.0]])
    returned = submission.pairwise_sq_dist(a, b)
    expected = [[16.0, 1.0], [25.0, 4.0]]
    assert torch.allclose(returned, torch.tensor(expected), atol=1e-4), (
        f"a = [[0, 0], [3, 0]], b = [[0, 4], [1, 0]] gave {returned.tolist()}; {expected} is right."
    )


def check_three_coordinates(submission):
    """Any number of coordinates."""
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(4, 3, generator=generator), torch.randn(3, 3, generator=generator)
    returned = submission.pairwise_sq_dist(a, b)
    expected = torch.cdist(a, b) ** 2
    assert torch.allclose(returned, expected, atol=1e-3), (
        f"Random points with 3 coordinates: row 0 is {returned[0].tolist()}, "
        f"{expected[0].tolist()} is right."
    )


def check_no_loop(submission):
    """Thousands of pairs at once."""
    a, b = torch.randn(200, 4), torch.randn(200, 4)
    start = time.perf_counter()
    submission.pairwise_sq_dist(a, b)
    seconds = time.perf_counter() - start
    assert seconds < 0.2, (
        f"200 against 200 points took {seconds:.1f} s. A loop in Python pays for each pair; "
        "broadcasting pays once."
    )


def observe(submission, rng):
    from torchcamp.course.judge.checks import attempt

    seen = []
    for n, m, d in ((2, 3, 2), (3, 3, 3), (1, 4, 1)):
        a, b = torch.randn(n, d, generator=rng), torch.randn(m, d, generator=rng)
        seen.append(attempt(lambda a=a, b=b: submission.pairwise_sq_dist(a, b)))
    return seen
