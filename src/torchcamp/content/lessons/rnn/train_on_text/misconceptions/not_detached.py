"""You handed the state on with its history.

The second backward would go through the first chunk's graph, which has been freed: "backward
through the graph a second time". Cut it: `hidden = hidden.detach()`. Calling `hidden.detach()`
without assigning changes nothing: it returns a new tensor, and the old one stays as it was.

Caught by: check_runs_on. Catalogue: R5, R8.
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
            hidden.detach()
        logits, hidden = network(inputs, hidden)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
