"""In your chain hidden **probabilities** decide what the pixels become.

Then each pixel gets half a pull of a unit that is on half of the time, and decides alone; the chain
never goes where the machine would. `gibbs_step` draws the hidden bits first. Probabilities belong
into the last statistics, where they drive nothing.

Caught by: check_drawn. Catalogue: B10.
"""

import torch
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
    chain = v
    for _ in range(num_steps):
        h = torch.sigmoid(hidden_bias + chain @ weight)
        chain = torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))
    data_hidden = torch.sigmoid(hidden_bias + v @ weight)
    chain_hidden = torch.sigmoid(hidden_bias + chain @ weight)
    return (
        (chain.T @ chain_hidden - v.T @ data_hidden) / len(v),
        (chain - v).mean(dim=0),
        (chain_hidden - data_hidden).mean(dim=0),
    )
