import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    """The hidden state after each step, (B, T, H).

    Args:
        x: (B, T, D). weight_x: (D, H). weight_h: (H, H). bias: (H,).
    """
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ weight_x + h @ weight_h + bias)
        states.append(h)
    return torch.stack(states, dim=1)
