import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_on_text(
    network: nn.Module,
    optimizer: Optimizer,
    chunks: list[tuple[Tensor, Tensor]],
    max_norm: float = 1.0,
) -> list[float]:
    losses, hidden = [], None
    for inputs, targets in chunks:
        logits, _ = network(inputs, hidden)
        loss = F.cross_entropy(logits.transpose(1, 2), targets)
        with torch.no_grad():  # before the step, so these are the same numbers
            _, hidden = network(inputs, hidden)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
