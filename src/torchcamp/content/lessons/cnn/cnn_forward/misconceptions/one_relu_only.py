"""The second block has no ReLU.

Each block is convolution, batch norm, ReLU. Without the second one the pooling compares values
that should have been cut at zero.

Caught by: check_values.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = network.bn2(network.conv2(x))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return network.output(x)
