"""The colours are right now. The other line is still wrong: the pooling.

`stride=1` moves the window by one pixel, as a convolution does by default: 7 x 7 values with
hardly anything pooled. A pooling of 2 moves by 2 when nothing is said.

Caught by: check_last_layer. Catalogue: V20.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, kernel_size=3, padding=1)
        num_features = self.features(torch.zeros(1, 8, 8, 3)).shape[1]
        self.output = nn.Linear(num_features, 3)

    def features(self, pictures: Tensor) -> Tensor:
        x = pictures.permute(0, 3, 1, 2)
        x = F.relu(self.conv(x))
        x = F.max_pool2d(x, 2, stride=1)
        return x.flatten(start_dim=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.output(self.features(pictures))


def train(pictures: Tensor, labels: Tensor, num_steps: int) -> Network:
    torch.manual_seed(0)
    network = Network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(num_steps):
        loss = F.cross_entropy(network(pictures), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network
