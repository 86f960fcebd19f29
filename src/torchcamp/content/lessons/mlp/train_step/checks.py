"""The loss, then the parameters after one step, then after two, then what is left behind."""

import copy
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import graph_size, modes, unmoved


def make(seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Linear(6, 5, bias=False), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)
    )
    images, labels = torch.randn(8, 6), torch.randint(3, (8,))
    return network, torch.optim.SGD(network.parameters(), lr=0.5), images, labels


def check_loss(submission):
    """It returns the mean cross-entropy of the batch."""
    network, optimizer, images, labels = make()
    expected = F.cross_entropy(copy.deepcopy(network)(images), labels).item()
    returned = submission.train_step(network, optimizer, images, labels)
    assert returned is not None, "You returned nothing: the loss is wanted."
    assert isinstance(returned, torch.Tensor) and returned.dim() == 0, (
        f"The loss is to be returned as a tensor without axes; yours is {returned!r}, a "
        f"{type(returned).__name__}."
    )
    assert abs(float(returned) - expected) < 1e-4, (
        f"You returned {float(returned):.4f}; the mean cross-entropy of this batch is {expected:.4f}."
    )


def check_parameters_move(submission):
    """The parameters have moved after one step."""
    network, optimizer, images, labels = make()
    still = unmoved(lambda: submission.train_step(network, optimizer, images, labels), network)
    assert not still, (
        f"After your step {len(still)} of {len(list(network.parameters()))} parameters are bit for "
        f"bit what they were: {', '.join(still)}."
    )


def check_first_step(submission):
    """From clean gradients, the step is down the gradient of this batch."""
    network, optimizer, images, labels = make()
    twin = copy.deepcopy(network)
    F.cross_entropy(twin(images), labels).backward()
    submission.train_step(network, optimizer, images, labels)
    for (name, now), before in zip(network.named_parameters(), twin.parameters()):
        expected = before - 0.5 * before.grad
        assert torch.allclose(now, expected, atol=1e-5), (
            f"With rate 0.5 the first step should move `{name}` by "
            f"{(expected - before).flatten()[0].item():+.4f} (its first number); yours moved it by "
            f"{(now - before).flatten()[0].item():+.4f}."
        )


def check_only_this_batch(submission):
    """Gradients that were there before do not count."""
    network, optimizer, images, labels = make()
    twin = copy.deepcopy(network)
    inner = torch.optim.SGD(twin.parameters(), lr=0.5)
    for _ in range(2):
        submission.train_step(network, optimizer, images, labels)
        inner.zero_grad()
        F.cross_entropy(twin(images), labels).backward()
        inner.step()
    worst = max((a - b).abs().max().item() for a, b in zip(network.parameters(), twin.parameters()))
    assert worst < 1e-5, (
        f"After two steps the parameters are off by up to {worst:.3f}: the second step did not follow "
        "the gradient of its own batch alone."
    )


def check_mode(submission):
    """The network's mode is left alone."""
    for mode, other in (("training", "eval"), ("eval", "training")):
        network, *rest = make()
        network.train(mode == "training")
        seen = modes(partial(submission.train_step, network, *rest), network)
        assert seen.during and {*seen.during, seen.after} == {mode == "training"}, (
            f"The network came in {mode} mode; your step switched it to {other} mode."
        )


def check_no_graph(submission):
    """What is returned keeps nothing alive."""
    network, optimizer, images, labels = make()
    returned = submission.train_step(network, optimizer, images, labels)
    size = graph_size(returned)
    assert size == 0, (
        f"The loss that you returned still holds its graph of {size} nodes, with every activation "
        "of the batch. Added up over an epoch, that fills the memory."
    )


def observe(submission, rng):
    network, optimizer, images, labels = make(int(torch.randint(1000, (), generator=rng)))
    losses, kept, backwards = [], [], []
    network[3].bias.register_hook(backwards.append)
    for _ in range(3):
        loss = attempt(
            lambda: submission.train_step(network, optimizer, images, labels), words=True
        )
        if isinstance(loss, dict):  # what was raised
            losses.append(loss)
            continue
        losses.append(float(loss) if loss is not None else None)
        kept.append(graph_size(loss) > 0)
    flat = torch.cat([p.detach().flatten() for p in network.parameters()])
    left = [p.grad is not None and bool(p.grad.any()) for p in network.parameters()]
    statistics = network[1].running_mean.clone()
    seen = [losses, kept, len(backwards), left, flat, network.training, statistics]
    network.eval()
    attempt(lambda: submission.train_step(network, optimizer, images, labels))
    moved = not torch.equal(network[1].running_mean, statistics)  # as in training mode
    return [*seen, network.training, moved]
