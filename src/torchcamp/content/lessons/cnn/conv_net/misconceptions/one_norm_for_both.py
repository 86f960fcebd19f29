"""Both places share one batch norm.

A batch norm holds scale, shift and statistics of **its** channels. Used in two places, each
spoils the other's. Make two.

Caught by: check_numbers_to_learn. Catalogue: A9.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, c1, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(c1)
        self.conv2 = nn.Conv2d(c1, c2, 3, padding=1, bias=False)
        self.output = nn.Linear(c2 * 7 * 7, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 2)
        x = F.max_pool2d(
            F.relu(
                F.batch_norm(
                    self.conv2(x),
                    self.norm1.running_mean.mean().expand(self.conv2.out_channels).clone(),
                    self.norm1.running_var.mean().expand(self.conv2.out_channels).clone(),
                    training=self.training,
                )
            ),
            2,
        )
        return self.output(x.flatten(start_dim=1))
