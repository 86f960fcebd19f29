"""On the chain's side you used the hidden probabilities of the data.

Each side has its own: p(h|v) of the data's v, p(h|v) of the chain's.

Caught by: check_hidden_bias.
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
    chain_hidden = data_hidden
    return (
        (chain.T @ chain_hidden - v.T @ data_hidden) / len(v),
        (chain - v).mean(dim=0),
        (chain_hidden - data_hidden).mean(dim=0),
    )
