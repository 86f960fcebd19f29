"""The training first, then the measure."""

import runpy
from pathlib import Path

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Knows(nn.Module):
    """Reads the label from the picture."""

    def forward(self, x):
        return torch.stack([-x[:, 0], x[:, 0]], dim=1)


def data(seed=0, number=40):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(number, 6, generator=generator)
    return images, (images[:, 0] > 0).long()


def unmoved(start, end):
    """Names of the parameters that training left as they were."""
    return [n for (n, p), q in zip(start.named_parameters(), end.parameters()) if torch.equal(p, q)]


def has_gradient(network):
    return any(p.grad is not None for p in network.parameters())


def check_network_in_use_learns(submission):
    """The weights of what is returned move."""
    images, labels = data()
    start, end = submission.train(images, labels, 0), submission.train(images, labels, 2)
    assert start[0].weight.shape == (32, 6), "`train` must return the wide network."
    still = unmoved(start, end)
    gradients = "it holds gradients" if has_gradient(end) else "it holds no gradient either"
    assert not still, (
        f"After two epochs {', '.join(still)} of the network that is returned are bit for bit what they "
        f"were; {gradients}. (Of a network that names 40 of 40 right, `accuracy` says "
        f"{submission.accuracy(Knows(), images, labels):.4f}.)"
    )


def check_accuracy(submission):
    """Always right is 1."""
    for number in (32, 40, 3):
        images, labels = data(number=number)
        returned = submission.accuracy(Knows(), images, labels)
        assert abs(returned - 1) < 1e-6, (
            f"A network that names {number} of {number} pictures right has the accuracy "
            f"{returned:.4f}."
        )
        images[:, 0] = -images[:, 0]
        assert abs(submission.accuracy(Knows(), images, labels)) < 1e-6, "Always wrong must be 0."


def check_unequal_batches(submission):
    """Every picture counts the same, the last batch's too."""
    images, labels = data()
    labels[-8:] = 1 - labels[-8:]
    returned = submission.accuracy(Knows(), images, labels)
    assert abs(returned - 0.8) < 1e-6, (
        f"32 of 40 pictures named right, the last 8 wrong: your accuracy is {returned:.4f}; 0.8 is right."
    )


def check_nothing_else_changed(submission):
    """Seed, rate and sizes are as they were."""
    images, labels = data()
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    mine, right = submission.train(images, labels, 2)(images), mended(images, labels, 2)(images)
    assert torch.allclose(mine, right, atol=1e-3), (
        "After two epochs the logits are not what they are with those lines mended and nothing else "
        "changed."
    )


def observe(submission, rng):
    """Whether it learns, and if not, whether `backward()` came to it at all; then what `accuracy` says."""
    seed = int(torch.randint(1000, (), generator=rng))
    images, labels = data(seed)
    start, network = submission.train(images, labels, 0), submission.train(images, labels, 2)
    learns = has_gradient(network) if unmoved(start, network) else None
    if learns is False:
        return "no gradient comes to what is returned"
    knows = Knows()
    shares = [attempt(lambda n=n: submission.accuracy(knows, *data(seed, n))) for n in (32, 40, 3)]
    wrong = labels.clone()
    wrong[-8:] = 1 - wrong[-8:]
    shares.append(attempt(lambda: submission.accuracy(knows, images, wrong)))
    if learns is None and shares[:3] != [1, 1, 1]:
        return shares
    return [learns, network(images[:4]), *shares]
