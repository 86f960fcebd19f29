"""You clipped after the step.

The optimizer had already used the whole gradient. Clip between `backward()` and `step()`.

Caught by: check_clipped. Catalogue: R14.
"""

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
        if hidden is not None:
            hidden = hidden.detach()
        logits, hidden = network(inputs, hidden)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        losses.append(loss.item())
    return losses
