"""Lesson 7: the network opened."""

import math

import pytest
import torch
import torch.nn.functional as F

from torchcamp.course import networks
from torchcamp.data.images import load_images
from torchcamp.figures import cnn as figures


def test_inside_a_network():
    images = load_images("digits")
    network, _ = networks.own("cnn")
    state = {"network": "own", "picture": 2, "layer": 1, "map": 5, "training": False}
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
    from torch import nn

    images = load_images("digits")
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4 * 14 * 14, 10),
    )  # fmt: skip
    networks.briefly_trained(network, images, num_steps=3)
    state = {"network": "own", "picture": 0, "layer": 3, "map": 9, "training": True}
    reply, _ = figures.look(network, images, state)
    assert (reply["layer"], reply["map"], reply["channels"]) == (0, 3, 4)
