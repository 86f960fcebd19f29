"""You pooled by the mean.

`F.max_pool2d` keeps the strongest value of each 2x2 field, `F.avg_pool2d` their mean. Both give
the same shape, so nothing complains.

Caught by: check_values.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.avg_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return network.output(x)
