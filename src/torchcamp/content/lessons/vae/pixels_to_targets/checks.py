"""Shape, black and white, grey, then the range."""

import torch

MEAN, STD = 0.1307, 0.3081


def batch(seed=0, mean=MEAN, std=STD):
    grey = torch.randint(256, (5, 1, 28, 28), generator=torch.Generator().manual_seed(seed)) / 255
    return grey, (grey - mean) / std


def check_shape(submission):
    """A row for each picture."""
    returned = submission.pixels_to_targets(batch()[1], MEAN, STD)
    assert returned.shape == (5, 784), (
        f"Five pictures give (5, 784); yours is {tuple(returned.shape)}."
    )


def check_black_and_white(submission):
    """0 and 1 come back."""
    for grey in (0.0, 1.0):
        x = torch.full((1, 1, 28, 28), (grey - MEAN) / STD)
        returned = float(submission.pixels_to_targets(x, MEAN, STD).mean())
        assert abs(returned - grey) < 1e-3, (
            f"A pixel of {grey:.0f} came as {float(x.mean()):.4f} and must be {grey:.0f} again; yours is "
            f"{returned:.4f}."
        )


def check_grey(submission):
    """All greys, for other numbers too."""
    for mean, std in ((MEAN, STD), (0.5, 0.5)):
        grey, x = batch(1, mean, std)
        worst = (submission.pixels_to_targets(x, mean, std) - grey.flatten(1)).abs().max()
        assert worst < 1e-3, (
            f"With mean {mean} and std {std} a pixel comes back off by {worst:.3f}."
        )


def check_range(submission):
    """Never outside."""
    for came, words in ((2.83, "bright"), (-0.43, "dark")):
        x = torch.full((1, 1, 28, 28), came)
        target = float(submission.pixels_to_targets(x, MEAN, STD).mean())
        assert 0 <= target <= 1, (
            f"A pixel that came as {came} (a hair too {words}) gives {target:.4f}: a target must not lie outside "
            "of 0 to 1."
        )


def is_kept(submission):
    """Whether the batch that was handed over is as it was."""
    x = batch()[1]
    before = x.clone()
    submission.pixels_to_targets(x, MEAN, STD)
    return torch.equal(x, before)


def check_batch_kept(submission):
    """The encoder still needs the batch."""
    assert is_kept(submission), (
        "The batch `x` itself was changed: after the call its pixels are no longer the normalised ones."
    )


def observe(submission, rng):
    _, x = batch(int(torch.randint(1000, (), generator=rng)))
    returned = submission.pixels_to_targets(0.5 * x, MEAN, STD)
    above = submission.pixels_to_targets(x * 3, MEAN, STD)
    return [
        list(returned.shape),
        returned.flatten()[:50],
        above.min() >= 0 and bool(above.max() <= 1),
        is_kept(submission),
    ]
