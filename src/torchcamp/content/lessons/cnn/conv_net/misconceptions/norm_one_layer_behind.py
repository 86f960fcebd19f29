"""Your batch norm counts the channels of the layer before.

It stands behind the convolution, so it has as many channels as that one puts out: *running_mean
should contain 8 elements, not 1*.

Caught by: check_shape. Catalogue: N7.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, c1, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(1)
        self.conv2 = nn.Conv2d(c1, c2, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(c1)
        self.output = nn.Linear(c2 * 7 * 7, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 2)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)
        return self.output(x.flatten(start_dim=1))
