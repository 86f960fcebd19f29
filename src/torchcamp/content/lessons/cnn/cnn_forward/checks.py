"""Shape, then values against the layers called one by one, then what eval mode must do."""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt, expect_graph
from torchcamp.reading.probes import is_affine, is_repeatable


def make_network(seed=0):
    torch.manual_seed(seed)
    network = nn.Module()
    network.conv1 = nn.Conv2d(1, 4, 5, stride=2, padding=2)
    network.bn1 = nn.BatchNorm2d(4)
    network.conv2 = nn.Conv2d(4, 6, 3, padding=1)
    network.bn2 = nn.BatchNorm2d(6)
    network.dropout = nn.Dropout(0.5)
    network.output = nn.Linear(6 * 7 * 7, 10)
    for norm in (network.bn1, network.bn2):  # statistics as after some training
        norm.running_mean.normal_(0, 0.3)
        norm.running_var.uniform_(0.5, 2)
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.3)
    return network.eval()


def expected_logits(network, images):
    x = network.bn1(network.conv1(images)).relu()
    x = network.bn2(network.conv2(x)).relu()
    return network.output(network.dropout(F.max_pool2d(x, 2).flatten(1)))


def check_shape(submission):
    """Ten numbers for each picture."""
    network = make_network()
    for size in (3, 1):
        logits = submission.forward(network, torch.rand(size, 1, 28, 28))
        assert isinstance(logits, torch.Tensor), f"You returned a {type(logits).__name__}."
        assert logits.shape == (size, 10), (
            f"A batch of {size} pictures gave {tuple(logits.shape)}; it must give ({size}, 10)."
        )


def check_not_affine(submission):
    """Between two linear layers stands a nonlinearity."""
    network = make_network()
    # Batch norm's shift goes first, so that only the ReLUs can bend the map.
    images = torch.randn(2, 1, 28, 28) * 3

    def without_pooling_bend(x):
        return submission.forward(network, x)

    affine = is_affine(without_pooling_bend, images)
    assert not affine, (
        "Your logits are a sum of pixels times numbers: f(a) + f(b) equals f(a + b) + f(0). "
        "Layers without a nonlinearity between them are one layer."
    )


def check_eval_repeats(submission):
    """In eval mode the same picture gets the same answer."""
    network, images = make_network(), torch.rand(4, 1, 28, 28)
    assert is_repeatable(lambda: submission.forward(network, images)), (
        "Two calls in eval mode gave different logits for the same pictures."
    )


def check_values(submission):
    """The layers in their order, and nothing after the last."""
    network, images = make_network(), torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        returned = submission.forward(network, images).double()
        expected = expected_logits(network, images).double()
    # A constant added to all ten logits changes no probability and no loss: log_softmax at the end
    # is redundant, not wrong.
    same = torch.allclose(
        returned - returned.mean(1, keepdim=True),
        expected - expected.mean(1, keepdim=True),
        atol=1e-4,
    )
    assert same, (
        f"For the first picture you returned {[round(v, 3) for v in returned[0, :4].tolist()]} ..., "
        f"the layers in the statement's order give {[round(v, 3) for v in expected[0, :4].tolist()]} ..."
    )


def check_dropout_in_training(submission):
    """In training mode dropout is on."""
    network, images = make_network().train(), torch.rand(4, 1, 28, 28)
    assert not is_repeatable(lambda: submission.forward(network, images)), (
        "Two calls in training mode gave the same logits: dropout dropped nothing, or the same each time."
    )


PARTS = 2  # copies of the features that `show_features` makes of them


def show_features(network):
    """Let `network.output` hand on what it is given, PARTS times; returns the network in train mode."""
    network.output = nn.Linear(294, PARTS * 294)
    network.output.weight.data.copy_(torch.eye(294).repeat(PARTS, 1))
    network.output.bias.data.zero_()
    return network.train()


def check_dropout_place(submission):
    """Dropout acts on the flat features, once: after the pooling and before the linear layer."""
    network, images = show_features(make_network()), torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        returned = submission.forward(network, images).double()
        network.dropout = nn.Identity()
        features = expected_logits(network, images)[:, :294].double()
    # Of what was dropped 0 is left, the least there is; a log_softmax at the end shifts all alike.
    given, again = (returned - returned.amin(1, keepdim=True)).split(294, dim=1)
    apart = (given - again).abs() > 1e-3
    assert not apart.any(), (
        "In training mode two logits that are the same sum of features came out as "
        f"{given[apart][0]:.3f} and {again[apart][0]:.3f}: dropout was used on the logits, and it belongs before the linear layer."
    )
    odd = (given > 1e-3) & ((given - 2 * features).abs() > 1e-3)
    assert not odd.any(), (
        "In training mode, with dropout at 0.5, each number that goes into the linear layer is either 0 or twice what the "
        f"pooling gave. Of yours {100 * odd.double().mean():.0f} % are neither: where the pooling gives "
        f"{features[odd][0]:.3f}, yours is {given[odd][0]:.3f}."
    )


def check_graph(submission):
    """Training needs a way back from the logits to the pictures and weights."""
    network = make_network()
    expect_graph(lambda x: submission.forward(network, x), images=torch.rand(2, 1, 28, 28))


def observe(submission, rng):
    network = make_network(int(torch.randint(1000, (), generator=rng)))
    images = torch.rand(4, 1, 28, 28, generator=rng)
    seen = []
    with torch.no_grad():
        for mode in (False, True, False):
            network.train(mode)
            if len(seen) < 2:
                torch.manual_seed(1)
            seen.append(attempt(lambda: submission.forward(network, images).double(), words=True))
    *seen, again = seen
    repeats = isinstance(again, torch.Tensor) and torch.equal(seen[0], again)
    return [*seen, bool(repeats)]
