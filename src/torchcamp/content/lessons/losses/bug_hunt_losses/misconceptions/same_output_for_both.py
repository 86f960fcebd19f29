"""You took the days from the logit's output.

The network has two outputs: column 0 is the logit, column 1 the days. Both losses would pull at
the same number.

Caught by: check_days_loss.
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
    predicted_days = outputs[:, 0]
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
