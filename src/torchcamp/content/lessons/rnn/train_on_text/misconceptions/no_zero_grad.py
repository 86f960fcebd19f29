"""You never set the gradients to zero.

Each chunk's step goes along the sum of all chunks so far. `optimizer.zero_grad()` belongs before
`backward()`.

Caught by: check_kept_apart. Catalogue: G9.
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
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
