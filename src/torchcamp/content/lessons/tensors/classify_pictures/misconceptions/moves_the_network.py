"""You changed the network to suit the pictures.

`network.float()` and `network.to(...)` change it for everybody who uses it, and its optimizer
too. Move the data; the network stays.

Caught by: check_precision.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    network = network.float()
    parameter = next(network.parameters())
    images = images.to(parameter.device).float() / 255
    return network(images.unsqueeze(1))
