import torch.nn.functional as F
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer


def scaled_step(
    network: nn.Module,
    optimizer: Optimizer,
    scaler: GradScaler,
    x: Tensor,
    y: Tensor,
    max_norm: float = 1.0,
) -> float:
    """One clipped step with gradient scaling; the loss in its own units."""
    # TODO: scale, unscale, clip, step, update
    raise NotImplementedError
