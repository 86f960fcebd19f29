"""Your ReLU stands before the batch norm.

People do build that, but it is another network: the batch norm then shifts values that were cut
at zero. The statement's order is convolution, batch norm, ReLU.

Caught by: check_values.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = network.bn1(F.relu(network.conv1(images)))
    x = network.bn2(F.relu(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return network.output(x)
