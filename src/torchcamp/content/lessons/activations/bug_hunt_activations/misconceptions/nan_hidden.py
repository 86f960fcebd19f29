"""You replaced the nan.

`nan_to_num` writes 0 for a point that is surely inside, the opposite of the truth. Choose a form
in which no nan arises.

Caught by: check_far_away.
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
        return torch.nan_to_num(torch.exp(logits) / (torch.exp(logits) + 1))


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
