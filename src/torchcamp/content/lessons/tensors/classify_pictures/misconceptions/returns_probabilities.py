"""You applied softmax.

Logits are what the losses expect, and what says most. Whoever wants probabilities can make them.

Caught by: check_logits.
"""

from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    parameter = next(network.parameters())
    images = images.to(parameter.device, parameter.dtype) / 255
    return network(images.unsqueeze(1)).softmax(dim=-1)
