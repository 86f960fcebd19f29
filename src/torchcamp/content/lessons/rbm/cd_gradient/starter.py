import torch
import torch.nn.functional as F
from torch import Tensor


def gibbs_step(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    """New visible bits (B, V): given."""
    h = torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight))
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))


def cd_gradient(
    v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor, num_steps: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of -log p by weight (V, H), visible_bias (V,) and hidden_bias (H,), means over B.

    Args:
        v: bits (B, V). num_steps: Gibbs steps of the chain, which begins at v.
    """
    # TODO: run the chain, then the difference of the two sides
    raise NotImplementedError
