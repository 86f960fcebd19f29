"""You took another pooling.

The mean of four values instead of the largest: the sizes come out, and it is another network
than the author's.

Caught by: check_nothing_else_changed.
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
        x = F.avg_pool2d(x, 2)
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
