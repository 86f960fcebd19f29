"""What arrives in the network: shape, range, dtype, device; then what became of the network."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Listening(nn.Module):
    """Remembers what it was given."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.output = nn.Linear(6, 3)
        self.given = None

    def forward(self, x):
        self.given = x
        return self.output(x.flatten(start_dim=1)) if x.device.type != "meta" else x


def listen(submission, network=None, number=4, brightest=255):
    network = Listening() if network is None else network
    images = (torch.arange(number * 6) * brightest // (number * 6 - 1)).to(torch.uint8)
    try:
        returned = submission.classify(network, images.view(number, 2, 3))
    except RuntimeError:
        if network.given is None:
            raise
        returned = None  # the network refused what arrived: the checks look at that first
    assert network.given is not None, "Your function never calls the network."
    return network, returned, images.view(number, 1, 2, 3)


def check_arrives_as_a_batch(submission):
    """(N, 1, H, W)."""
    network, _, images = listen(submission)
    assert tuple(network.given.shape) == (4, 1, 2, 3), (
        f"Four pictures of 2 x 3 pixels arrived in the network as {tuple(network.given.shape)}, "
        "not as (4, 1, 2, 3)."
    )


def check_arrives_in_range(submission):
    """0 to 1."""
    for brightest, wanted in (
        (255, "1"),
        (51, "0.2, which is 51 / 255"),
        (1, "0.00392, which is 1 / 255"),
    ):
        network, _, images = listen(submission, brightest=brightest)
        low, high = network.given.min().item(), network.given.max().item()
        assert network.given.is_floating_point() and torch.allclose(
            network.given.float(), images / 255, atol=1e-5
        ), (
            f"Pixels from 0 to {brightest} arrived as numbers from {low:g} to {high:g}, "
            f"not from 0 to {wanted}."
        )


def check_logits(submission):
    """What the network says is what you return."""
    network, returned, images = listen(submission)
    expected = network.output(images.flatten(1) / 255)
    assert (
        returned is not None
        and returned.shape == expected.shape
        and torch.allclose(returned, expected, atol=1e-5)
    ), "What you return is not what the network returned: logits are wanted, as they are."


def check_precision(submission):
    """A network in float64 gets float64, and stays so."""
    network, returned, _ = listen(submission, Listening().double())
    left = network.output.weight.dtype
    assert left == torch.float64, (
        f"Your function changed the network: it came in torch.float64 and is in {left} now."
    )
    assert network.given.dtype == torch.float64 and returned is not None, (
        f"A network in float64 was given {network.given.dtype}."
    )
    assert returned.dtype == torch.float64, (
        f"The scores of a network in float64 came back as {returned.dtype}: return them as they are."
    )


def check_device(submission):
    """A network elsewhere gets its pictures there."""
    network, _, _ = listen(submission, Listening().to("meta"))
    assert network.output.weight.device.type == "meta", "Your function moved the network."
    assert network.given.device.type == "meta", (
        f"The network is on another device; its pictures arrived on {network.given.device}."
    )


def check_mode(submission):
    """The network's mode is its owner's."""
    for training in (True, False):
        network, _, _ = listen(submission, Listening().train(training))
        assert network.training == network.output.training == training, (
            f"The network came in {'train' if training else 'eval'} mode and was left in "
            f"{'eval' if training else 'train'} mode."
        )


def observe(submission, rng):
    images = torch.randint(0, 200, (3, 2, 3), generator=rng, dtype=torch.uint8)
    dark = Listening()
    attempt(lambda: submission.classify(dark, (images > 99).to(torch.uint8)))
    given = dark.given
    seen = [
        ""
        if given is None or given.is_meta
        else [float(given.min()), float(given.max()), str(given.dtype)]
    ]
    for network in (Listening(), Listening().double(), Listening().to("meta")):
        returned = attempt(lambda n=network: submission.classify(n, images))
        given = network.given
        seen.append(
            [
                [list(given.shape), str(given.dtype), str(given.device)]
                if given is not None
                else 0,
                returned if getattr(returned, "is_meta", True) is False else str(type(returned)),
                returned if isinstance(returned, dict) else str(getattr(returned, "dtype", "")),
                str(network.output.weight.dtype),
                str(network.output.weight.device),
                network.training,
            ]
        )
    return seen
