"""The crop, what the test code shows the network, its mode; then training."""

import torch
from torch import nn


class Glass(nn.Module):
    """Keeps what it was shown, and in which mode."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.shown, self.modes = [], []

    def forward(self, x):
        self.shown.append(x.detach().clone())
        self.modes.append(self.training)
        return x[:, :3] * self.weight


def data(seed=0, number=30):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (number, 36), generator=generator).to(torch.uint8)
    return images, torch.randint(3, (number,), generator=generator)


def crop_words(submission):
    try:
        shape = tuple(submission.crop(torch.arange(64).view(8, 8), 5).shape)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None if shape == (5, 5) else f"a crop of size 5 has the shape {shape}"


def look(submission):
    images, labels = data()
    network = Glass()
    submission.accuracy(network, images, labels)
    tested = network.shown[-1], network.modes[-1]
    submission.train_step(network, torch.optim.SGD(network.parameters(), lr=0.0), images, labels)
    return tested, (network.shown[-1], network.modes[-1])


def check_crop(submission):
    """A random square."""
    words = crop_words(submission)
    (shown, mode), _ = look(submission)
    assert words is None, (
        f"`crop`: {words}. (The test code shows pixels up to {shown.max():.2f}, with the network in "
        f"{'train' if mode else 'eval'} mode.)"
    )
    corners = {int(submission.crop(torch.arange(64).view(8, 8), 5)[0, 0]) for _ in range(60)}
    assert len(corners) > 4, "The crop is always in the same place."


def check_same_pixels(submission):
    """Training and test show the network the same numbers."""
    (tested, mode), (trained, _) = look(submission)
    assert torch.allclose(tested, trained, atol=1e-4), (
        f"The same pictures are shown to the network as {tested.min():.2f} … {tested.max():.2f} in the test and "
        f"{trained.min():.2f} … {trained.max():.2f} in training. (Tested in {'train' if mode else 'eval'} mode.)"
    )
    assert abs(float(trained.max()) - 2.806) < 0.01, (
        "The normalisation itself was right: (x / 255 - 0.13) / 0.31."
    )


def check_mode(submission):
    """Tested in eval mode, trained in train mode."""
    (_, tested), (_, trained) = look(submission)
    assert not tested, (
        "The network was tested in train mode: half of its units were dropped, others each time."
    )
    assert trained, "The network was trained in eval mode."


def observe(submission, rng):
    (tested, test_mode), (trained, train_mode) = look(submission)
    return [
        crop_words(submission) is None,
        round(float(tested.max()), 1),
        round(float(trained.max()), 1),
        test_mode,
        train_mode,
    ]
