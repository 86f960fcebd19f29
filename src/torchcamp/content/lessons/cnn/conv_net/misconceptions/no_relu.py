"""There is no ReLU.

Convolution, batch norm and the last layer are linear (with the statistics fixed), so only the
pooling keeps your network from being a single layer.

Caught by: check_order. Catalogue: N16.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, c1, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(c1)
        self.conv2 = nn.Conv2d(c1, c2, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(c2)
        self.output = nn.Linear(c2 * 7 * 7, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(self.norm1(self.conv1(images)), 2)
        x = F.max_pool2d(self.norm2(self.conv2(x)), 2)
        return self.output(x.flatten(start_dim=1))
