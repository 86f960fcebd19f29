"""Dropout stays on in eval mode.

`F.dropout(x)` drops in any mode, because its `training` argument is True unless you say
otherwise. The module `network.dropout` knows the network's mode: call that.

Caught by: check_eval_repeats. Catalogue: N2.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = F.dropout(x, p=0.5)
    return network.output(x)
