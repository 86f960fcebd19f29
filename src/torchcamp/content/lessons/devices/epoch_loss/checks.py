"""The value, then how often the device was asked, what was made in the loop, and what is kept."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from torchcamp.reading.probes import kept_for_backward

MEAN, STD = [0.5, -1.0, 2.0], [2.0, 1.0, 4.0]


def make(seed=0, sizes=(30, 10)):
    torch.manual_seed(seed)
    network = nn.Linear(3, 4)
    return network, [(torch.randn(n, 3) * 2, torch.randint(4, (n,))) for n in sizes]


class Watch(TorchFunctionMode):
    """Counts questions to the device and tensors made of numbers."""

    def __init__(self):
        super().__init__()
        self.asked, self.made = 0, 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in (
            "item",
            "__float__",
            "__bool__",
            "__int__",
            "tolist",
            "__format__",
            "__repr__",
            "numpy",
        ):
            self.asked += 1
        if name in ("tensor", "as_tensor"):
            self.made += 1
        return function(*args, **(kwargs or {}))


def right(network, batches):
    x, y = (torch.cat(parts) for parts in zip(*batches))
    with torch.no_grad():
        return float(F.cross_entropy(network((x - torch.tensor(MEAN)) / torch.tensor(STD)), y))


def check_value(submission):
    """One batch."""
    network, batches = make(sizes=(12,))
    found = submission.epoch_loss(network, batches, MEAN, STD)
    assert isinstance(found, float), f"A float is wanted; yours is a {type(found).__name__}."
    assert abs(found - right(network, batches)) < 1e-4, (
        f"The mean loss is {right(network, batches):.4f}; yours is {found:.4f}."
    )


def check_unequal(submission):
    """Each picture counts the same."""
    network, batches = make(sizes=(40, 4))
    found = submission.epoch_loss(network, batches, MEAN, STD)
    assert abs(found - right(network, batches)) < 1e-4, (
        f"Batches of 40 and 4: the mean over pictures is {right(network, batches):.4f}; yours is {found:.4f}."
    )


def watch(submission, number):
    network, batches = make(sizes=(8,) * number)
    with Watch() as seen:
        submission.epoch_loss(network, batches, MEAN, STD)
    return seen


def check_asked_once(submission):
    """How often the device was made to wait."""
    seen = watch(submission, 6)
    assert seen.asked <= 1, (
        f"Over six batches you asked the device for a number {seen.asked} times; each time it must finish all work first. "
        "Once, at the end."
    )


def check_made_once(submission):
    """What is constant is made once."""
    few, many = watch(submission, 2).made, watch(submission, 6).made
    assert few == many, (
        f"For two batches you made {few} tensors of numbers, for six {many}: with every batch something is copied to the "
        "device again. mean and std need it once."
    )


def kept(submission, number):
    """Bytes that autograd holds at one time."""
    network, batches = make(sizes=(8,) * number)
    return kept_for_backward(lambda: submission.epoch_loss(network, batches, MEAN, STD))


def check_nothing_kept(submission):
    """No graph of an earlier batch."""
    few, many = kept(submission, 2), kept(submission, 8)
    assert many <= 2 * few, (
        f"Over two batches autograd held up to {few} bytes for the way back, over eight {many}: what you keep of "
        "each batch holds its graph."
    )


def shown(submission, seed):
    """What the network was shown, in a word."""
    network, batches = make(seed, (12, 3))
    pictures = []
    network.register_forward_pre_hook(lambda _, args: pictures.append(args[0].detach()))
    submission.epoch_loss(network, batches, MEAN, STD)
    x, mean, std = torch.cat([x for x, _ in batches]), torch.tensor(MEAN), torch.tensor(STD)
    own = [(part - part.mean(0)) / part.std(0) for part, _ in batches]
    ways = {
        "right": (x - mean) / std,
        "raw": x,
        "without parentheses": x - mean / std,
        "centred": x - mean,
        "scaled": x / std,
        "own numbers": torch.cat(own),
        "all own numbers": (x - x.mean(0)) / x.std(0),
    }
    found = torch.cat(pictures) if pictures else torch.zeros(0)  # none where `forward` was called
    for word, way in ways.items():
        if found.shape == way.shape and torch.allclose(found, way, atol=1e-4):
            return word
    return "other"


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    word = shown(submission, seed)
    if word not in ("right", "other"):
        return ["shown", word]
    network, batches = make(seed, (12, 3))
    few, seen = watch(submission, 2), watch(submission, 6)
    return [
        submission.epoch_loss(network, batches, MEAN, STD),
        "often" if seen.asked > few.asked else seen.asked > 1,
        few.made == seen.made,
        kept(submission, 8) > 2 * kept(submission, 2),
    ]
