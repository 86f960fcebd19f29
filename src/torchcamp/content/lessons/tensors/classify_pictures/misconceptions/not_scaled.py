"""Your pixels arrive as 0 to 255.

The network was trained on 0 to 1. It gets inputs 255 times too large and answers with certainty,
and mostly wrong.

Caught by: check_arrives_in_range. Catalogue: T5.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.device, parameter.dtype)
    return network(images.unsqueeze(1))
