"""You put the new axis in front.

`(1, N, H, W)` is **one** picture with N channels. A convolution for grey pictures refuses it,
other layers mix your pictures into one. The channel is axis 1: `unsqueeze(1)`.

Caught by: check_arrives_as_a_batch. Catalogue: V15.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.device, parameter.dtype) / 255
    return network(images.unsqueeze(0))
