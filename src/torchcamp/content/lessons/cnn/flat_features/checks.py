"""First the number, on stacks of several shapes; then what the call did to the network."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt
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


def others():
    """Stacks that no formula for convolutions and max pooling covers."""
    twice = nn.Conv2d(3, 3, 3)
    return [
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(2)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, ceil_mode=True)),
        nn.Sequential(twice, twice),
    ]


def check_other_layers(submission):
    """Any layer may stand among the convolutions."""
    features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(2))
    expect(submission, features, (3, 20, 12), "`Conv2d(3, 4, 3)` and `AvgPool2d(2)`")
    adaptive, rounded_up, twice = others()
    expect(submission, adaptive, (3, 20, 12), "`Conv2d(3, 4, 3)` and `AdaptiveAvgPool2d(2)`")
    words = "`Conv2d(3, 4, 3)` and `MaxPool2d(3, 2, ceil_mode=True)`"
    expect(submission, rounded_up, (3, 20, 12), words)
    expect(submission, twice, (3, 20, 12), "one `Conv2d(3, 3, 3)` used twice")


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
    """The number and what became of the network; then, if all is right, the layers that no formula covers."""
    seen, right, passed_over = [], [], []
    for mode in (True, False):
        channels = int(torch.randint(1, 4, (), generator=rng))
        out = int(torch.randint(2, 7, (), generator=rng))
        height = int(torch.randint(9, 30, (), generator=rng))
        features = stack(channels, out, pool=3).train(mode)
        shape = (channels, height, height + 7)
        number = submission.flat_features(features, shape)
        seen.append([float(number), features.training, float(features[1].num_batches_tracked)])
        right.append([float(out * (height // 3) * ((height + 7) // 3)), mode, 0.0])
        averaged = nn.Sequential(nn.Conv2d(channels, out, 3), nn.AvgPool2d(2)).train(mode)
        seen.append(float(submission.flat_features(averaged, shape)))
        rows, columns = height - 2, height + 5
        right.append(float(out * (rows // 2) * (columns // 2)))
        passed_over.append(seen[-1] == out * rows * columns)
    if seen[::2] == right[::2] and all(passed_over):
        return "average pooling passed over"
    if seen == right:
        rest = [attempt(lambda f=f: submission.flat_features(f, (3, 20, 12))) for f in others()]
        if rest != [16, 180, 384]:
            return "right for some layers only"
    return seen
