"""You kept the graph with `retain_graph=True`.

That is what the error message suggests, and it hides the reason: each chunk then goes back
through all chunks before it, slower and larger every time, until the weights changed in place
stop it. Detach the state.

Caught by: check_runs_on. Catalogue: R6.
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
            pass
        logits, hidden = network(inputs, hidden)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
