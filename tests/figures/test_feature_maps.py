"""What the pad shows is what the network computes."""

import pytest
import torch
from torch import nn

from torchcamp.figures.draw_pad import NetworkOnPad
from torchcamp.figures.feature_maps import see
from torchcamp.models.cnn import CNN, CNNConfig


@pytest.fixture
def network() -> CNN:
    torch.manual_seed(0)
    return CNN(CNNConfig(channels=(2, 3, 4))).train()


def test_layers_are_the_networks_own(network: CNN):
    image = torch.rand(1, 28, 28)
    seen = see(network, image)
    assert list(seen.layers) == ["picture", "conv1", "conv2", "conv3"]
    assert seen.gradients == {}
    network.eval()
    assert torch.equal(seen.layers["conv1"], network.conv1(image[None])[0])
    assert torch.equal(seen.logits, network(image[None])[0])


def test_the_gradient_is_the_finite_difference(network: CNN):
    network = network.double()
    image = torch.rand(1, 28, 28, dtype=torch.float64)
    gradient = see(network, image, gradient_of=3).gradients["picture"]
    assert gradient.shape == (1, 28, 28)
    for row, column in ((5, 5), (14, 9), (20, 20)):
        step = torch.zeros_like(image)
        step[0, row, column] = 1e-6
        up = see(network, image + step).logits.log_softmax(0)[3]
        down = see(network, image - step).logits.log_softmax(0)[3]
        assert gradient[0, row, column].item() == pytest.approx(
            (up - down).item() / 2e-6, rel=1e-4, abs=1e-8
        )


def test_looking_leaves_no_trace(network: CNN):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    see(network, torch.rand(1, 28, 28), gradient_of=0)
    assert all(module.training for module in network.modules())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def test_it_takes_any_network():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 26 * 26, 5))
    assert list(see(network, torch.rand(1, 28, 28)).layers) == ["picture", "0"]


def test_the_pads_reply(network: CNN):
    pad = NetworkOnPad(network, class_names=list("0123456789"))
    pixels = bytes([0, 128, 255] + [0] * 781)
    reply, buffers = pad._look(pixels, -1)
    assert sum(reply["probs"]) == pytest.approx(1, abs=1e-5)
    assert [len(buffer) for buffer in buffers] == [784, 2 * 196, 3 * 196, 4 * 49]
    assert buffers[0] == pixels
    reply, buffers = pad._look(pixels, 4)
    assert reply["gradient_of"] == 4
    assert max(buffers[0]) == 255 or min(buffers[0]) == 1
