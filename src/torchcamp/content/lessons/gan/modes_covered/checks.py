"""All centres, one centre, samples in between, a rare one, the edge of a radius, then overlapping radii."""

import torch

CENTRES = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])


def samples(counts, spread=0.1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    where = torch.repeat_interleave(CENTRES[: len(counts)], torch.tensor(counts), dim=0)
    return where + spread * torch.randn(where.shape, generator=generator)


def expect(submission, points, expected, words, radius=1.0, min_share=0.05):
    covered, share = submission.modes_covered(points, CENTRES, radius, min_share)
    assert int(covered) == expected[0], (
        f"{words}: {expected[0]} centre(s) are covered; yours says {covered}."
    )
    assert abs(float(share) - expected[1]) < 1e-3, (
        f"{words}: a share of {expected[1]:.2f} is near a centre; yours says {float(share):.2f}."
    )


def check_all(submission):
    """Every cluster."""
    expect(submission, samples([25, 25, 25, 25]), (4, 1.0), "25 samples on each of four centres")


def check_collapse(submission):
    """One cluster only."""
    expect(submission, samples([100]), (1, 1.0), "100 samples on one centre")


def check_between(submission):
    """Samples near nothing."""
    points = torch.cat([samples([40, 40]), torch.full((20, 2), 2.0)])
    expect(submission, points, (2, 0.8), "40 on each of two centres, 20 in the middle of nowhere")


def check_rare(submission):
    """One sample is no cover."""
    expect(submission, samples([60, 39, 1]), (2, 1.0), "60, 39 and 1 samples with min_share 0.05")
    points, words = samples([50, 25, 25]), "50, 25 and 25 samples, at least a quarter"
    expect(submission, points, (3, 1.0), words, min_share=0.25)


def check_share_of_all(submission):
    """Of all samples, not of those near a centre."""
    points = torch.cat([samples([36, 4]), torch.full((60, 2), 2.0)])
    expect(
        submission, points, (1, 0.4), "36 on one centre, 4 on a second, 60 in the middle of nowhere"
    )


def beside(distance):
    """50 samples on the first centre, 50 at a distance from the second, away from all others."""
    direction = torch.tensor([0.6, -0.8])
    return torch.cat([samples([50]), (CENTRES[1] + distance * direction).repeat(50, 1)])


def check_radius(submission):
    """The radius is compared with the distance itself."""
    for distance, radius, expected in (
        (0.6, 0.5, (1, 0.5)),
        (0.4, 0.5, (2, 1.0)),
        (1.8, 2.0, (2, 1.0)),
        (2.2, 2.0, (1, 0.5)),
    ):
        words = f"50 on one centre, 50 at the distance {distance} from a second, radius {radius}"
        expect(submission, beside(distance), expected, words, radius=radius)


def check_wide(submission):
    """Radii that overlap: a sample belongs to one centre."""
    points = samples([50, 50])
    expect(submission, points, (2, 1.0), "50 on each of two centres, radius 5", radius=5.0)


def observe(submission, rng):
    points = torch.cat([samples([50, 30, 6, 2]), 4 * torch.rand(12, 2, generator=rng)])
    collapsed = samples([100])
    nowhere = torch.cat([samples([40, 40]), torch.tensor([[1.9, 2.2]]).repeat(20, 1)])
    rare = torch.cat([samples([36, 3, 1]), torch.tensor([[1.9, 2.2]]).repeat(60, 1)])
    return [
        list(map(float, submission.modes_covered(rare, CENTRES, 1.0, 0.05))),
        list(map(float, submission.modes_covered(nowhere, CENTRES, 1.0, 0.05))),
        list(map(float, submission.modes_covered(points, CENTRES, 0.5, 0.05))),
        list(map(float, submission.modes_covered(points, CENTRES, 6.0, 0.05))),
        list(map(float, submission.modes_covered(collapsed, CENTRES, 1.0, 0.05))),
        list(map(float, submission.modes_covered(collapsed, CENTRES, 6.0, 0.05))),
        list(map(float, submission.modes_covered(beside(0.6), CENTRES, 0.5, 0.05))),
        list(map(float, submission.modes_covered(beside(1.8), CENTRES, 2.0, 0.05))),
    ]
