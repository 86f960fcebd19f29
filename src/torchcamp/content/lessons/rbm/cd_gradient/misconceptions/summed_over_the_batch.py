"""Your gradients are sums over the batch.

Then a batch of 600 makes steps 100 times as long as one of 6, with the same rate. Divide by B.

Caught by: check_visible_bias. Catalogue: C13.
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
        (chain.T @ chain_hidden - v.T @ data_hidden),
        (chain - v).sum(dim=0),
        (chain_hidden - data_hidden).sum(dim=0),
    )
