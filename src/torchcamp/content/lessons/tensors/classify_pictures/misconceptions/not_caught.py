"""You called `.to(...)` and let its result go.

On a tensor, `.to` returns a moved copy and leaves the tensor as it was. (On a module it moves
the module itself, which is where the habit comes from.) Write `images = images.to(...)`.

Caught by: check_arrives_in_range. Catalogue: T6.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images.to(parameter.device, parameter.dtype) / 255
    return network(images.unsqueeze(1))
