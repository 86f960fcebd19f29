"""You kept the sigmoid and changed the loss to `F.binary_cross_entropy`.

On paper that is the same. In float32 its gradient vanishes once sigmoid has saturated: the
machines that are wrong with certainty teach nothing. Take the sigmoid out instead.

Caught by: check_failure_loss. Catalogue: C10.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def losses(
    network: nn.Module, machines: Tensor, fails: Tensor, days: Tensor
) -> tuple[Tensor, Tensor]:
    outputs = network(machines)
    probs = torch.sigmoid(outputs[:, 0])
    failure_loss = F.binary_cross_entropy(probs, fails)
    predicted_days = outputs[:, 1]
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
