"""You put a ReLU on the logits.

Then a logit is never below 0 and a probability never below one half: nothing is ever outside.

Caught by: check_more_than_a_line.
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
        logits = F.relu(self.output(x)).squeeze(1)
        return 1 / (1 + torch.exp(-logits))


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
