"""The hidden bias is missing.

p(h = 1 | v) is the sigmoid of c + v W.

Caught by: check_hidden. Catalogue: B5.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(v @ weight), generator=generator)


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T), generator=generator)


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    h = sample_h(v, weight, hidden_bias, generator)
    return sample_v(h, weight, visible_bias, generator)
