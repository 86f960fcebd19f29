"""Black and white, that they are bits, then the shares of grey."""

import torch

from torchcamp.reading.probes import generator_misuse, moves_random_state


def draws(submission, grey, seed=0, shape=(60, 1, 10, 10)):
    images = torch.full(shape, grey, dtype=torch.uint8)
    return submission.binarize(images, torch.Generator().manual_seed(seed))


def check_black_and_white(submission):
    """0 is never on, 255 always."""
    for grey, bit in ((0, 0.0), (255, 1.0)):
        bits = draws(submission, grey)
        assert torch.is_floating_point(bits), f"Float bits are wanted; yours are {bits.dtype}."
        assert (bits == bit).all(), (
            f"Pixels of {grey} should all be {bit:.0f}; the mean of yours is {bits.mean():.3f}."
        )


def check_bits(submission):
    """Nothing but 0 and 1."""
    values = draws(submission, 51).unique()
    assert set(values.tolist()) <= {0.0, 1.0}, (
        f"Pixels of 51 gave values such as {values[0]:.3f} and {values[-1]:.3f}: no bits."
    )


def check_shares(submission):
    """As often as the grey says."""
    for grey in (51, 128, 204):
        share = draws(submission, grey).mean().item()
        assert abs(share - grey / 255) < 0.03, (
            f"Of 6,000 pixels of {grey} a share of {grey / 255:.2f} should be on; of yours {share:.2f} are."
        )


def check_each_pixel(submission):
    """Pixels of one picture are drawn apart, and pictures too."""
    bits = draws(submission, 128)
    assert 0 < bits[0].mean() < 1, "All pixels of a picture of 128 came out the same."
    assert (bits[0] != bits[1]).any(), "Two pictures got the very same draws."


def check_generator(submission):
    """The given generator."""
    misuse = generator_misuse(
        lambda generator: submission.binarize(
            torch.full((2, 1, 5, 5), 128, dtype=torch.uint8), generator
        )
    )
    assert misuse is None, misuse


def observe(submission, rng):
    images = torch.randint(256, (40, 1, 12, 12), generator=rng).to(torch.uint8)
    bits = submission.binarize(images, torch.Generator().manual_seed(1))
    light, dark = images > 170, images < 85
    values = bits.unique()
    grey = draws(submission, 128, int(torch.randint(1000, (), generator=rng)))
    return [
        moves_random_state(lambda: draws(submission, 128)),
        len(values) if len(values) < 3 else "many",
        round(float(bits[light].float().mean()) * 6),
        round(float(bits[dark].float().mean()) * 6),
        bool((grey[0] != grey[1]).any()),
        bool(grey[0].unique().numel() > 1),
        bool((draws(submission, 255) == 1).all() and (draws(submission, 0) == 0).all()),
    ]
