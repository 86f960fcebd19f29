"""The visible bias is missing.

p(v = 1 | h) is the sigmoid of b + h Wᵀ: the bias knows which pixels are mostly white.

Caught by: check_visible.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight), generator=generator)


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(h @ weight.T), generator=generator)


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    h = sample_h(v, weight, hidden_bias, generator)
    return sample_v(h, weight, visible_bias, generator)
