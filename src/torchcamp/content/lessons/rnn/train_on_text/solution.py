import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_on_text(
    network: nn.Module,
    optimizer: Optimizer,
    chunks: list[tuple[Tensor, Tensor]],
    max_norm: float = 1.0,
) -> list[float]:
    """The loss of each chunk in nats per character.

    Args:
        chunks: pairs of inputs and targets (B, T), in the text's order.
    """
    losses, hidden = [], None
    for inputs, targets in chunks:
        if hidden is not None:
            hidden = hidden.detach()
        logits, hidden = network(inputs, hidden)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
