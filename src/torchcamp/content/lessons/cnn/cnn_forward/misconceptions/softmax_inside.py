"""You returned probabilities.

`F.cross_entropy` takes logits and applies log-softmax itself. Given probabilities it applies it
a second time: the loss of ten classes can then never fall below 1.4612, and the gradient is
small. Return what the linear layer gives.

Caught by: check_values. Catalogue: N14, C1.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return network.output(x).softmax(dim=1)
