"""Lesson 7: the network opened."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course import networks
from torchcamp.data.images import Images, load_images
from torchcamp.figures import cnn as figures


def test_inside_a_network():
    images = load_images("digits")
    network, _ = networks.own("cnn")
    state = {
        "network": "own",
        "picture": 2,
        "layer": 1,
        "map": 5,
        "row": -1,
        "column": -1,
        "training": False,
    }
    before = {k: v.clone() for k, v in network.network.state_dict().items()}
    reply, arrays = figures.look(network.network, images, state)
    logits = network.network.eval()(images.test_images[2:3].float() / 255)
    expected = F.cross_entropy(logits, images.test_labels[2:3])
    assert reply["loss"] == pytest.approx(expected.item(), abs=1e-5)
    assert reply["filterLayers"] == 16
    assert [len(a) for a in arrays[:3]] == [784, 32 * 14 * 14, 32 * 14 * 14]
    trained, _ = figures.look(network.network, images, state | {"training": True})
    assert trained["loss"] != reply["loss"]
    after = network.network.state_dict()
    assert all(torch.equal(v, after[k]) for k, v in before.items())
    assert len(reply["norm"]["runningMean"]) == 32
    assert math.isfinite(reply["layers"][0]["gradient"])


def test_a_network_that_the_learner_wrote():
    """Any names, batch norm as a module of its own."""
    images = load_images("digits")
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4 * 14 * 14, 10),
    )  # fmt: skip
    networks.briefly_trained(network, images, num_steps=3)
    state = {
        "network": "own",
        "picture": 0,
        "layer": 3,
        "map": 9,
        "row": -1,
        "column": -1,
        "training": True,
    }
    reply, _ = figures.look(network, images, state)
    assert (reply["layer"], reply["map"], reply["channels"]) == (0, 3, 4)


@pytest.mark.parametrize(
    ("layer", "channel", "place"),
    [(0, 3, (0, 0)), (0, 3, (13, 6)), (1, 5, (7, 2)), (2, 40, (-1, -1))],
)
@pytest.mark.parametrize("training", [False, True])
def test_a_pixel_is_the_sum_that_is_shown(
    layer: int, channel: int, place: tuple[int, int], training: bool
):
    """The window times the filter is what the convolution gives there; normed, it is in the map."""
    images = load_images("digits")
    network, _ = networks.own("cnn")
    state = {"network": "own", "picture": 1, "layer": layer, "map": channel, "training": training}
    reply, arrays = figures.look(
        network.network, images, state | dict(zip(("row", "column"), place, strict=True))
    )
    pixel = reply["pixel"]
    row, column = pixel["row"], pixel["column"]
    height, width = reply["mapSize"]
    maps = torch.frombuffer(bytearray(arrays[1]), dtype=torch.uint8).view(-1, height, width)
    if place == (-1, -1):
        assert maps[channel, row, column] == maps[channel].max()
    else:
        assert (row, column) == place
    assert maps[channel, row, column].item() == pytest.approx(
        255 * pixel["value"] / _largest(network.network, images, state), abs=1.5
    )
    products = torch.tensor(pixel["window"]) * torch.tensor(pixel["filter"])
    assert torch.allclose(products, torch.tensor(pixel["products"]), atol=1e-6)
    assert f"add up to {pixel['sum']:.4f}." in pixel["words"]
    if layer == 0:
        assert products.sum().item() == pytest.approx(pixel["sum"], abs=1e-5)
    norm, kind = reply["norm"], "batch" if training else "running"
    norms = [each for each in network.network.modules() if isinstance(each, nn.BatchNorm2d)]
    eps = 1e-5
    variance = norm[f"{kind}Std"][channel] ** 2
    gamma, beta = (each[channel].item() for each in norms[layer].parameters())
    normed = (
        gamma * (pixel["sum"] - norm[f"{kind}Mean"][channel]) / math.sqrt(variance + eps) + beta
    )
    assert pixel["value"] == pytest.approx(max(0.0, normed), abs=2e-3)


def _largest(network: nn.Module, images: Images, state: dict[str, Any]) -> float:
    """The largest number in all maps of the layer, which is drawn white."""
    convs = [each for each in network.modules() if isinstance(each, nn.Conv2d)]
    best = [
        figures.look(network, images, state | {"map": channel, "row": -1, "column": -1})[0]
        for channel in range(convs[state["layer"]].out_channels)
    ]
    return max(each["pixel"]["value"] for each in best)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "padding": "same", "dilation": 2},
        {"kernel_size": (3, 5), "padding": "valid", "stride": 2},
        {"kernel_size": 3, "padding": (0, 1), "groups": 2},
        {"kernel_size": 3, "padding": 1, "padding_mode": "reflect", "bias": False},
    ],
)
def test_a_pixel_of_any_convolution(options: dict[str, Any]):
    torch.manual_seed(0)
    conv = nn.Conv2d(4, 6, **options)
    entering = torch.randn(4, 11, 9)
    out = conv(entering[None])[0].detach()
    for channel, row, column in ((0, 0, 0), (5, out.shape[1] - 1, 1)):
        place = (row, column)
        told = figures.pixel(conv, entering, out[channel], channel, place, has_norm=False)
        assert told["sum"] == pytest.approx(out[channel, row, column].item(), abs=1e-5)
        assert told["value"] == pytest.approx(max(0.0, told["sum"]), abs=1e-5)
