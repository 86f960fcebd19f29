"""There is no channel axis.

`(N, H, W)` without one reads, to a convolution, as a single picture of N channels. Grey pictures
have one channel, and it has to be there: `unsqueeze(1)`.

Caught by: check_arrives_as_a_batch. Catalogue: V15.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.device, parameter.dtype) / 255
    return network(images)
