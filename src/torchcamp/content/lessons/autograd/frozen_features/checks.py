"""Values, repeatability and statistics, then the graph, then the network afterwards."""

import torch
from torch import nn

from torchcamp.reading.probes import graph_size, is_repeatable, modes


def make(training=True, seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5))
    network.train(training)
    network[1].running_mean.fill_(0.2)
    return network, torch.randn(5, 4)


def check_as_in_use(submission):
    """Dropout off, running statistics used."""
    network, images = make()
    returned = submission.frozen_features(network, images)
    network.eval()
    expected = network(images)
    assert torch.allclose(returned, expected, atol=1e-5), (
        "Your features are not what the network says in eval mode, where dropout is off and the running "
        "statistics are used."
    )


def check_statistics_stay(submission):
    """Looking does not change the network."""
    network, images = make()
    moved = modes(lambda: submission.frozen_features(network, images), network).buffers_moved
    assert not moved, f"The call changed {', '.join(moved)}."


def check_no_graph(submission):
    """No tape is kept."""
    network, images = make()
    returned = submission.frozen_features(network, images)
    assert not returned.requires_grad, (
        f"Your features hold a graph of {graph_size(returned)} nodes, and with it everything that was "
        "computed on the way."
    )


def check_mode_afterwards(submission):
    """As it came."""
    for training in (True, False):
        network, images = make(training)
        submission.frozen_features(network, images)
        word = {True: "training", False: "eval"}
        if network.training == training:
            went = f"went with layers in {word[not training]} mode"
        else:
            went = f"went in {word[not training]} mode"
        assert all(m.training == training for m in network.modules()), (
            f"The network came in {word[training]} mode and {went}."
        )


def check_still_trainable(submission):
    """Others may still train it."""
    network, images = make()
    submission.frozen_features(network, images)
    frozen = [n for n, p in network.named_parameters() if not p.requires_grad]
    assert not frozen, f"{', '.join(frozen)} cannot be trained any more after the call."


def check_still_frozen(submission):
    """What its owner froze stays frozen."""
    network, images = make()
    network[0].requires_grad_(False)
    submission.frozen_features(network, images)
    thawed = [n for n, p in network[0].named_parameters(prefix="0") if p.requires_grad]
    assert not thawed, (
        f"{' and '.join(f'`{n}`' for n in thawed)} had `requires_grad` False before the call, and True after it."
    )


def observe(submission, rng):
    seen = []
    for training in (True, False):
        network, _ = make(training, int(torch.randint(1000, (), generator=rng)))
        network[0].bias.requires_grad_(False)
        images = torch.randn(5, 4, generator=rng)
        torch.manual_seed(0)
        returned = submission.frozen_features(network, images)
        repeatable = is_repeatable(lambda n=network, x=images: submission.frozen_features(n, x))
        trains = [m.training for m in network.modules()]
        trainable = [p.requires_grad for p in network.parameters()]
        statistics = network[1].running_mean.clone()
        seen.append([repeatable, returned.requires_grad, trains, trainable, statistics])
        seen.append(returned if repeatable else 0)
    return seen
