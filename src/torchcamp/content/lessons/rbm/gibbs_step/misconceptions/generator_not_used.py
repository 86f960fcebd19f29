"""You draw with everybody's random numbers.

`generator` was handed to you and is not used: the draws come from the generator that the whole
program shares. The same seed gives other draws each time, and everybody else's change too. Pass
`generator=generator`.

Caught by: check_generator.
"""

import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight))


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    h = sample_h(v, weight, hidden_bias, generator)
    return sample_v(h, weight, visible_bias, generator)
