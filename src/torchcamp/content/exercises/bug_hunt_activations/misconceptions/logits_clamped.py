"""You clamped the logits.

No nan arises, but beyond the clamp the gradient is exactly 0: a point that is surely wrong
teaches nothing any more. A stable form needs no clamp.

Caught by: check_nothing_else_changed. Catalogue: C10.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 16)
        self.output = nn.Linear(16, 1)

    def forward(self, points: Tensor) -> Tensor:
        x = self.first(points)
        x = F.relu(x)
        logits = self.output(x).squeeze(1)
        return 1 / (1 + torch.exp(-logits.clamp(-1.0, 1.0)))


def train(points: Tensor, inside: Tensor, num_steps: int) -> Network:
    torch.manual_seed(0)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(num_steps):
        loss = F.binary_cross_entropy(network(points), inside)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network
