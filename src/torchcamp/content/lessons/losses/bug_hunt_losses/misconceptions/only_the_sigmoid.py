"""The failure loss is right now. The other line is still wrong: the days.

`outputs[:, 1:]` is a slice and keeps its axis: `(N, 1)`. Minus `(N,)` that is a table of all
pairs, whose mean is smallest when every machine is told the same number. `outputs[:, 1]` is
`(N,)`.

Caught by: check_days_loss. Catalogue: T3.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def losses(
    network: nn.Module, machines: Tensor, fails: Tensor, days: Tensor
) -> tuple[Tensor, Tensor]:
    outputs = network(machines)
    logits = outputs[:, 0]
    failure_loss = F.binary_cross_entropy_with_logits(logits, fails)
    predicted_days = outputs[:, 1:]
    days_loss = ((predicted_days - days) ** 2).mean()
    return failure_loss, days_loss


def train(machines: Tensor, fails: Tensor, days: Tensor, num_steps: int) -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(num_steps):
        failure_loss, days_loss = losses(network, machines, fails, days)
        optimizer.zero_grad()
        (failure_loss + days_loss).backward()
        optimizer.step()
    return network
