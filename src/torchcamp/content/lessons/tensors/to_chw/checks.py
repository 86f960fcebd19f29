"""Shape and type, then the picture that was given, then known pixels, then the range."""

import torch


def picture(height=2, width=3, channels=3):
    size = height * width * channels
    return (torch.arange(size) * 255 // (size - 1)).to(torch.uint8).view(height, width, channels)


def check_shape(submission):
    """Colour first."""
    for height, width, channels in ((2, 3, 3), (4, 2, 1)):
        returned = submission.to_chw(picture(height, width, channels))
        assert tuple(returned.shape) == (channels, height, width), (
            f"A picture of shape {(height, width, channels)} became {tuple(returned.shape)}; "
            f"{(channels, height, width)} is wanted."
        )


def check_type(submission):
    """A float that a layer takes."""
    returned = submission.to_chw(picture())
    assert isinstance(returned, torch.Tensor), (
        f"Your result is a {type(returned).__name__}; a tensor is wanted."
    )
    assert returned.dtype == torch.float32, f"Your result is {returned.dtype}, not torch.float32."


def check_input_unchanged(submission):
    """The picture is the caller's."""
    image = picture()
    before = image.clone()
    submission.to_chw(image)
    assert image.shape == before.shape, (
        f"The picture that your function was given had the shape {tuple(before.shape)}; after the call it has "
        f"{tuple(image.shape)}."
    )
    assert torch.equal(image, before), "Your function changed the picture that it was given."


def check_pixel(submission):
    """Each number is at its own place."""
    image = picture()
    returned = submission.to_chw(image)
    all_different = returned.unique().numel() == returned.numel()
    for row, column, channel in ((0, 1, 0), (0, 0, 1), (1, 2, 2)):
        here, wanted = float(returned[channel, row, column]), int(image[row, column, channel])
        assert all_different or abs(here - wanted / 255) < 1e-6, (
            f"The pixel in row {row}, column {column} has {wanted} in colour {channel}: {wanted} / 255 = "
            f"{wanted / 255:.4f}. At `[{channel}, {row}, {column}]` of your result stands {here:.4f}."
        )
        # The input's numbers are all different, so their order tells them apart on any scale.
        rank = int((returned < returned[channel, row, column]).sum())
        found, expected = image.flatten()[rank].item(), image[row, column, channel].item()
        assert found == expected, (
            f"The pixel in row {row}, column {column} has {expected} in colour {channel}. At "
            f"`[{channel}, {row}, {column}]` of your result stands what was {found}, the number of "
            "another pixel or colour."
        )


def check_range(submission):
    """0 stays 0, 255 becomes 1, for each picture by the same rule."""
    for top in (255, 51):
        image = picture()
        image = (image.float() * top / 255).round().to(torch.uint8)
        returned = submission.to_chw(image)
        largest = returned.max().item()
        assert abs(largest - top / 255) < 1e-4, (
            f"The brightest value of this picture is {top}, so your largest number should be "
            f"{top / 255:.4f}. It is {largest:.4f}."
        )


def observe(submission, rng):
    image = torch.randint(0, 200, (4, 2, 3), generator=rng, dtype=torch.uint8)
    result = submission.to_chw(image)
    return [str(result.dtype), result, image]
