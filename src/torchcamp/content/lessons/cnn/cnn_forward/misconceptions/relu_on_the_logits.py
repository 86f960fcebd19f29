"""You put a ReLU behind the last layer.

Logits must be free to be negative: a class that the picture speaks against needs a logit far
below the others. Cut at zero, it cannot say so, and gets no gradient there.

Caught by: check_values.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return F.relu(network.output(x))
