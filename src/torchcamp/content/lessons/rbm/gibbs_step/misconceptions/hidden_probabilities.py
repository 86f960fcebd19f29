"""Your hidden layer holds probabilities.

They say how often each unit would be on. A sample is on or off: `torch.bernoulli`.

Caught by: check_hidden. Catalogue: B10.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.sigmoid(hidden_bias + v @ weight)


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
