"""The mode first, since it changes the numbers; then both numbers, on even and uneven batches."""

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.reading.probes import graph_size, modes


def make(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 4))
    network[1].running_mean.normal_(0, 1)
    network[1].running_var.uniform_(0.3, 3)
    with torch.no_grad():
        network[3].weight.mul_(4)
    images = torch.randn(count, 6, generator=generator)
    with torch.no_grad():
        labels = network.eval()(images).argmax(dim=1)
    wrong = torch.randperm(count, generator=generator)[: count // 4]
    labels[wrong] = (labels[wrong] + 1) % 4
    labels[-1] = (labels[-1] + 1) % 4
    return network.train(), images, labels


def truth(network, images, labels):
    mode = network.training
    network.eval()
    with torch.no_grad():
        logits = network(images)
    network.train(mode)
    return (logits.argmax(1) == labels).double().mean().item(), F.cross_entropy(
        logits, labels
    ).item()


def compare(submission, count, batch_size, which, words):
    network, images, labels = make(count)
    expected = truth(network, images, labels)[which]
    returned = submission.evaluate(network.eval(), images, labels, batch_size)
    assert isinstance(returned, tuple) and len(returned) == 2, (
        f"`evaluate` must return two numbers, accuracy and loss; yours returned {returned!r}."
    )
    name = ("accuracy", "mean cross-entropy")[which]
    value = float(returned[which])
    assert abs(value - expected) < 1e-4, (
        f"{count} images in batches of {batch_size}: the {name} is {expected:.4f}, you returned "
        f"{value:.4f}. {words}"
    )


def check_eval_mode(submission):
    """The network computes in eval mode."""
    network, images, labels = make(12)
    seen = modes(lambda: submission.evaluate(network, images, labels, 4), network)
    assert seen.during, "You never called the network."
    assert not any(seen.during), (
        f"The network was in training mode in {sum(seen.during)} of {len(seen.during)} forward "
        "passes: dropout was on, and batch norm used the batch's own statistics."
    )


def check_accuracy_even(submission):
    """The accuracy, when the batches come out even."""
    compare(submission, 12, 4, 0, "")


def check_loss_even(submission):
    """The mean loss, when the batches come out even."""
    compare(submission, 12, 4, 1, "It is the mean over images, in nats.")


def check_uneven(submission):
    """Every image counts the same, also in a smaller last batch."""
    compare(submission, 10, 4, 0, "The last batch has 2 images only.")
    compare(submission, 10, 4, 1, "The last batch has 2 images only.")
    compare(submission, 3, 8, 0, "There are fewer images than a batch holds.")


def check_no_graph(submission):
    """No gradients are recorded."""
    network, images, labels = make(8)
    recorded = []
    handle = network.register_forward_hook(lambda m, i, output: recorded.append(graph_size(output)))
    returned = submission.evaluate(network, images, labels, 4)
    handle.remove()
    assert not any(recorded) and not any(graph_size(value) for value in returned), (
        f"A tape of {max(recorded)} nodes was recorded in a forward pass: memory and time for "
        "gradients that nobody wants."
    )


def check_mode_given_back(submission):
    """The network goes back in the mode in which it came."""
    for mode in (True, False):
        network, images, labels = make(8)
        network.train(mode)
        submission.evaluate(network, images, labels, 4)
        assert network.training == mode, (
            f"`network.training` was {mode} before `evaluate` and is {network.training} after it."
        )
    network, images, labels = make(8)
    network[1].eval()  # frozen, as in fine-tuning
    submission.evaluate(network, images, labels, 4)
    after = ["train" if module.training else "eval" for module in network]
    assert after == ["train", "eval", "train", "train"], (
        "A network in training mode came with its batch norm frozen: the modes of its four layers were train, eval, "
        f"train, train. Afterwards they are {', '.join(after)}: each is to have its own mode back, and "
        "`network.train()` reaches every layer inside."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    seen = []
    # No batch of one: batch norm refuses it in training mode.
    for count, batch_size, mode in ((11, 4, True), (12, 4, False), (17, 5, True)):
        network, images, labels = make(count, seed)
        network.train(mode)
        recorded = []
        network.register_forward_hook(
            lambda m, i, output, seen=recorded: seen.append(graph_size(output) > 0)
        )
        torch.manual_seed(seed)
        accuracy, loss = submission.evaluate(network, images, labels, batch_size)
        seen.append([float(accuracy), float(loss), network.training, any(recorded)])
    network, images, labels = make(8, seed)
    network[1].eval()
    submission.evaluate(network, images, labels, 4)
    seen.append([module.training for module in network])
    return seen
