"""The ends, the way between, then the reconstruction."""

import torch


def show(values):
    return [round(float(x), 3) for x in values.flatten()]


def check_shape(submission):
    """One code a step."""
    returned = submission.interpolate(torch.zeros(3), torch.ones(3), 5)
    assert returned.shape == (5, 3), (
        f"Five codes of three numbers; yours is {tuple(returned.shape)}."
    )


def check_ends(submission):
    """First a, last b."""
    returned = submission.interpolate(torch.tensor([2.0]), torch.tensor([6.0]), 5)
    assert float(returned[0]) == 2 and float(returned[-1]) == 6, (
        f"From 2 to 6 in five steps must begin at 2 and end at 6; yours is {show(returned)}."
    )


def check_even(submission):
    """Even steps."""
    returned = submission.interpolate(torch.tensor([0.0, 4.0]), torch.tensor([1.0, 0.0]), 5)
    expected = torch.tensor([[0, 4], [0.25, 3], [0.5, 2], [0.75, 1], [1, 0]])
    assert torch.allclose(returned, expected, atol=1e-4), (
        f"From (0, 4) to (1, 0) in five steps the codes are {expected.tolist()}; yours are {returned.tolist()}."
    )


def encoder(x):
    return x[:, :2], torch.full((len(x), 2), 1.0)


def check_reconstruct(submission):
    """From the mean, so twice the same."""
    x = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    first = submission.reconstruct(encoder, lambda z: z, x)
    second = submission.reconstruct(encoder, lambda z: z, x)
    assert torch.equal(first, second), (
        "Two reconstructions of the same pictures differ: something is drawn by chance, such as a code in place of its mean."
    )
    assert torch.allclose(first, torch.sigmoid(x[:, :2]), atol=1e-4), (
        f"With mu = {show(x[0, :2])} and a decoder that shows its code, the first picture's probabilities are "
        f"{show(torch.sigmoid(x[0, :2]))}; yours are {show(first[0])}."
    )


def observe(submission, rng):
    a, b = torch.randn(2, 3, generator=rng)
    x = torch.randn(4, 5, generator=rng)
    twice = [submission.reconstruct(encoder, lambda z: z, x) for _ in range(2)]
    same = torch.equal(*twice)
    return [submission.interpolate(a, b, 6), same, twice[0] if same else None]
