"""Shape, the picture, the maps."""

import torch


def parts(seed=0, size=3, num_classes=4, height=5, width=6):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(size, 1, height, width, generator=generator)
    labels = torch.randint(num_classes, (size,), generator=generator)
    return images, torch.eye(num_classes)[labels], labels


def check_shape(submission):
    """One more channel per class."""
    images, rows, _ = parts()
    shape = tuple(submission.label_maps(images, rows).shape)
    assert shape == (3, 5, 5, 6), (
        f"Three pictures of 5 × 6 and four classes give (3, 5, 5, 6); yours is {shape}."
    )


def check_picture(submission):
    """Channel 0 is the picture."""
    images, rows, _ = parts()
    assert torch.equal(submission.label_maps(images, rows)[:, :1], images), (
        "Channel 0 must be the picture, as it was."
    )


def check_maps(submission):
    """Ones in the map of the class, everywhere."""
    for seed in range(3):
        images, rows, labels = parts(seed)
        maps = submission.label_maps(images, rows)[:, 1:]
        for i, label in enumerate(labels.tolist()):
            shares = [round(float(m.mean()), 2) for m in maps[i]]
            expected = [float(k == label) for k in range(4)]
            assert shares == expected, (
                f"A picture of class {label} has maps with the means {expected}; yours have {shares}."
            )


def observe(submission, rng):
    images, rows, _ = parts(int(torch.randint(1000, (), generator=rng)), size=7)
    return submission.label_maps(images, rows)
