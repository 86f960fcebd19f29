"""The crop, what the test code shows the network, its mode; then training."""

import copy

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


def corners_of(crops):
    return {int(each[0, 0]) for each in crops}


def crop_places(submission):
    """Where crops begin, in a word."""
    picture = torch.arange(54).view(6, 9)
    corners = corners_of([submission.crop(picture, 5) for _ in range(200)])
    if corners == {0, 1, 2, 3}:
        return "never the last"
    return "all" if len(corners) == 10 else "others"


def check_crop(submission):
    """A random square."""
    words = crop_words(submission)
    (shown, mode), _ = look(submission)
    assert words is None, (
        f"`crop`: {words}. (The test code shows pixels up to {shown.max():.2f}, with the network in "
        f"{'train' if mode else 'eval'} mode.)"
    )
    picture = torch.arange(54).view(6, 9)
    crops = [submission.crop(picture, 5) for _ in range(400)]
    corners = corners_of(crops)
    assert corners == {9 * top + left for top in range(2) for left in range(5)}, (
        f"A crop of 5 x 5 of a picture of 6 x 9 can begin at ten pixels (counted from 0, row by row); yours begins at {sorted(corners)}."
    )
    for each in crops:
        top, left = divmod(int(each[0, 0]), 9)
        assert torch.equal(each, picture[top : top + 5, left : left + 5]), (
            "A crop is no square of the picture."
        )


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
        "The network was tested in train mode, in which its dropout throws units away."
    )
    assert trained, "The network was trained in eval mode."


def written_out(network, images, labels):
    """One step of SGD on the loss of training, on a copy."""
    network = copy.deepcopy(network)
    loss = nn.functional.cross_entropy(network((images.float() / 255 - 0.13) / 0.31), labels)
    grads = torch.autograd.grad(loss, list(network.parameters()))
    with torch.no_grad():
        for p, grad in zip(network.parameters(), grads):
            p -= 0.1 * grad
    return network, float(loss)


def check_nothing_else(submission):
    """The rest was right."""
    torch.manual_seed(0)
    kinds = [type(m).__name__ for m in submission.make_network().children()]
    shape = tuple(submission.make_network()(torch.zeros(2, 36)).shape)
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear"] and shape == (2, 3), (
        f"The network was right; now it is {', '.join(kinds)}, and gives {shape} for two pictures."
    )
    (dropout,) = [m for m in submission.make_network().children() if isinstance(m, nn.Dropout)]
    assert dropout.p == 0.5, f"The dropout was 0.5; now it is {dropout.p}."
    images, labels = data()
    network = nn.Linear(36, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for step in range(2):
        right, loss = written_out(network, images, labels)
        found = submission.train_step(network, optimizer, images, labels)
        worst = max(
            (p - q).abs().max().item() for p, q in zip(network.parameters(), right.parameters())
        )
        assert worst < 1e-4 and abs(float(found) - loss) < 1e-4, (
            f"`train_step` was right; now step {step + 1} is off by {worst:.4f}, with the loss {float(found):.4f} instead of "
            f"{loss:.4f}."
        )
    share = submission.accuracy(network, images, labels)
    named = network((images.float() / 255 - 0.13) / 0.31).argmax(dim=1)
    right_share = float((named == labels).float().mean())
    assert abs(share - right_share) < 1e-4, (
        f"The network names {100 * right_share:.0f} % right; `accuracy` says {100 * share:.0f} %."
    )


def observe(submission, rng):
    (tested, test_mode), (trained, train_mode) = look(submission)
    words = crop_words(submission)
    return [
        # Not which shape: that depends on where this crop began.
        "another shape" if "has the shape" in (words or "") else words or crop_places(submission),
        round(float(tested.max()), 1),
        round(float(trained.max()), 1),
        test_mode,
        train_mode,
    ]
