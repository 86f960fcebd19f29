"""You did not ask the network what it wants.

Float32 on the CPU suits most networks, until one is on a GPU or in double precision. Its first
parameter knows both: `next(network.parameters())` has a `dtype` and a `device`.

Caught by: check_precision.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    images = images.float() / 255
    return network(images.unsqueeze(1))
