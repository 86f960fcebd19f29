"""Your pictures stay on the CPU.

A network on a GPU can then not use them: *expected all tensors to be on the same device*. Ask
the network where it is: `next(network.parameters()).device`.

Caught by: check_device.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.dtype) / 255
    return network(images.unsqueeze(1))
