"""Your biases get no gradient.

The visible bias learns how white each pixel is, the hidden bias how often each unit is on.
Without them the weights must do that work too.

Caught by: check_visible_bias. Catalogue: B16.
"""

import torch
from torch import Tensor


def gibbs_step(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    h = torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight))
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))


def cd_gradient(
    v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor, num_steps: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    chain = v
    for _ in range(num_steps):
        chain = gibbs_step(chain, weight, visible_bias, hidden_bias)
    data_hidden = torch.sigmoid(hidden_bias + v @ weight)
    chain_hidden = torch.sigmoid(hidden_bias + chain @ weight)
    return (
        (chain.T @ chain_hidden - v.T @ data_hidden) / len(v),
        torch.zeros_like(visible_bias),
        torch.zeros_like(hidden_bias),
    )
