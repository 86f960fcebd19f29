import torch
import torch.nn.functional as F
from torch import Tensor, nn


def losses(
    network: nn.Module, machines: Tensor, fails: Tensor, days: Tensor
) -> tuple[Tensor, Tensor]:
    """The loss of the failure (from a logit) and of the days, each a mean over the machines.

    Args:
        network: machines (N, 4) to (N, 2): a logit and a number of days.
        machines: (N, 4).
        fails: (N,), 0 or 1.
        days: (N,).
    """
    # TODO: two lines below are wrong. Mend them.
    outputs = network(machines)
    logits = torch.sigmoid(outputs[:, 0])
    failure_loss = F.binary_cross_entropy_with_logits(logits, fails)
    predicted_days = outputs[:, 1:]
    days_loss = ((predicted_days - days) ** 2).mean()
    return failure_loss, days_loss


def train(machines: Tensor, fails: Tensor, days: Tensor, num_steps: int) -> nn.Module:
    """A network after `num_steps` of gradient descent on the sum of both losses."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(num_steps):
        failure_loss, days_loss = losses(network, machines, fails, days)
        optimizer.zero_grad()
        (failure_loss + days_loss).backward()
        optimizer.step()
    return network
