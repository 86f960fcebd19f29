"""You flattened the batch axis too.

`x.flatten()` lays all pictures behind one another. The linear layer then finds no row of 294
numbers. `x.flatten(start_dim=1)` keeps one row for each picture.

Caught by: check_shape. Catalogue: V17.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten()
    x = network.dropout(x)
    return network.output(x)
