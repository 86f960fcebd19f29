"""Only the data's side is in your gradient.

It raises the probability of what was seen without lowering that of anything else, so the weights
grow for ever. The chain's side says what the model believes by itself.

Caught by: check_visible_bias.
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
        (-v.T @ data_hidden) / len(v),
        (-v).mean(dim=0),
        (-data_hidden).mean(dim=0),
    )
