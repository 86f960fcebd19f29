import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    """The hidden state after each step, (B, T, H).

    Args:
        x: (B, T, D). weight_x: (D, H). weight_h: (H, H). bias: (H,).
    """
    # TODO: step by step, carrying h
    raise NotImplementedError
