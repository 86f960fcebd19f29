"""Your visible layer holds probabilities.

Sampling means to draw: 1 with this probability, else 0. A chain of probabilities only averages.

Caught by: check_visible. Catalogue: B10.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight), generator=generator)


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.sigmoid(visible_bias + h @ weight.T)


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    h = sample_h(v, weight, hidden_bias, generator)
    return sample_v(h, weight, visible_bias, generator)
