import torch
import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    """F(v) in nats, (B,).

    Args:
        v: bits (B, V). weight: (V, H). visible_bias: (V,). hidden_bias: (H,).
    """
    # TODO: the two terms
    raise NotImplementedError
