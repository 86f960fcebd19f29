"""First the number, on stacks of several shapes; then what the call did to the network."""

import torch
from torch import nn

from torchcamp.reading.probes import modes


def stack(channels, out, stride=1, pool=2, dropout=0.0):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, stride=stride, padding=1),
        nn.BatchNorm2d(out),
        nn.ReLU(),
        nn.MaxPool2d(pool),
        nn.Dropout(dropout),
    )


def expect(submission, features, shape, words):
    expected = features.eval()(torch.zeros(1, *shape)).numel()
    features.train()
    returned = submission.flat_features(features, shape)
    assert returned == expected, (
        f"For {words} and pictures of {shape}, you returned {returned!r}. The maps of one picture "
        f"are {tuple(features.eval()(torch.zeros(1, *shape)).shape[1:])}: {expected} numbers."
    )


def check_lesson_network(submission):
    """The lesson's own stack."""
    from torchcamp.models.cnn import CNN, CNNConfig

    network = CNN(CNNConfig(channels=(16, 32, 64)))
    features = nn.Sequential(
        network.conv1, network.conv2, nn.MaxPool2d(2), network.conv3, nn.MaxPool2d(2)
    )
    expect(submission, features, (1, 28, 28), "the lesson's convolutions")


def check_other_stacks(submission):
    """Any stack, any picture."""
    expect(submission, stack(3, 5), (3, 20, 12), "`Conv2d(3, 5, 3, padding=1)` and `MaxPool2d(2)`")
    expect(
        submission, stack(2, 4, stride=2, pool=3), (2, 30, 30), "a stride of 2 and `MaxPool2d(3)`"
    )


def check_other_layers(submission):
    """Any layer may stand among the convolutions."""
    features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(2))
    expect(submission, features, (3, 20, 12), "`Conv2d(3, 4, 3)` and `AvgPool2d(2)`")
    features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(2))
    expect(submission, features, (3, 20, 12), "`Conv2d(3, 4, 3)` and `AdaptiveAvgPool2d(2)`")
    features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, ceil_mode=True))
    words = "`Conv2d(3, 4, 3)` and `MaxPool2d(3, 2, ceil_mode=True)`"
    expect(submission, features, (3, 20, 12), words)
    twice = nn.Conv2d(3, 3, 3)
    expect(submission, nn.Sequential(twice, twice), (3, 20, 12), "one `Conv2d(3, 3, 3)` used twice")


def check_statistics_untouched(submission):
    """Looking must not train: the running statistics stay."""
    features = stack(1, 4).train()
    moved = modes(lambda: submission.flat_features(features, (1, 28, 28)), features).buffers_moved
    assert not moved, (
        f"Your call changed {', '.join(moved)}: batch norm was in training mode and took the "
        "picture that you made up into its running statistics."
    )


def check_mode_given_back(submission):
    """A network in training mode is in training mode afterwards, and one in eval mode in eval."""
    for mode in (True, False):
        features = stack(1, 4).train(mode)
        submission.flat_features(features, (1, 28, 28))
        assert features.training == mode, (
            f"`features.training` was {mode} before your call and is {features.training} after it."
        )


def observe(submission, rng):
    seen = []
    for mode in (True, False):
        channels = int(torch.randint(1, 4, (), generator=rng))
        out = int(torch.randint(2, 7, (), generator=rng))
        height = int(torch.randint(9, 30, (), generator=rng))
        features = stack(channels, out, pool=3).train(mode)
        shape = (channels, height, height + 7)
        number = submission.flat_features(features, shape)
        seen.append([float(number), features.training, float(features[1].num_batches_tracked)])
        averaged = nn.Sequential(nn.Conv2d(channels, out, 3), nn.AvgPool2d(2)).train(mode)
        seen.append(float(submission.flat_features(averaged, shape)))
    return seen
