"""There is no ReLU on the way.

A convolution, a batch norm in eval mode and a linear layer are each linear, and so is their
chain: however many you stack, they could be one. Only the pooling bends the map a little. Put
`F.relu` behind each batch norm.

Caught by: check_values. Catalogue: N16.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = network.bn1(network.conv1(images))
    x = network.bn2(network.conv2(x))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return network.output(x)
