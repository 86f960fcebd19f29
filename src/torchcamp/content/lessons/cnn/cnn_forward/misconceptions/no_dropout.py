"""`network.dropout` is never called.

In eval mode nobody sees it, since dropout then passes everything on. In training it is missing.

Caught by: check_dropout_in_training.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    return network.output(x)
