"""Your step forgets the old picture.

It draws the hidden bits from the hidden bias alone. A chain goes on from where it is: `v @
weight`.

Caught by: check_step_reads_v.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight), generator=generator)


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T), generator=generator)


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    h = sample_h(torch.zeros_like(v), weight, hidden_bias, generator)
    return sample_v(h, weight, visible_bias, generator)
