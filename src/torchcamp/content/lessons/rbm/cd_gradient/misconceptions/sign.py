"""You return the gradient of log p, so the update goes downhill in likelihood.

`p -= rate * gradient` wants the gradient of -log p: the chain's side minus the data's. With the
sign turned around the machine learns to dislike its data: on one pattern the pixels come back
inverted.

Caught by: check_visible_bias. Catalogue: B8.
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
        (v.T @ data_hidden - chain.T @ chain_hidden) / len(v),
        (v - chain).mean(dim=0),
        (data_hidden - chain_hidden).mean(dim=0),
    )
