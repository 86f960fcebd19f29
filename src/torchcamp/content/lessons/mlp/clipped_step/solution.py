import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def clipped_step(
    network: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor, max_norm: float
) -> Tensor:
    """One step on the mean squared error, with gradients of length `max_norm` at most.

    Args:
        network: x (B, D) to predictions of the shape of y.

    Returns:
        The length of all gradients together before clipping, a scalar.
    """
    loss = F.mse_loss(network(x), y)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    optimizer.step()
    return norm
