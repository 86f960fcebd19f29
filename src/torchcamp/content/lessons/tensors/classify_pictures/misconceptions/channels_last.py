"""You put the channel last.

`(N, H, W, 1)` is the order of picture files and of TensorFlow. PyTorch's layers expect the
channel in axis 1.

Caught by: check_arrives_as_a_batch. Catalogue: V15.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.device, parameter.dtype) / 255
    return network(images.unsqueeze(-1))
