"""Your convolutions lose the rim.

Without padding a 3 x 3 filter makes 26 of 28, and in the end 5 x 5 maps are left, not 7 x 7.
Padding 1 keeps the size.

Caught by: check_shape. Catalogue: V16.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, c1, 3, bias=False)
        self.norm1 = nn.BatchNorm2d(c1)
        self.conv2 = nn.Conv2d(c1, c2, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(c2)
        self.output = nn.Linear(c2 * 7 * 7, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 2)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)
        return self.output(x.flatten(start_dim=1))
