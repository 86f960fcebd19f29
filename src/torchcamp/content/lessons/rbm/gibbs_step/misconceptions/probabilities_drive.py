"""In your step the hidden **probabilities** decide the visible layer.

A unit of probability ½ then pulls half as hard in every draw, and two pixels that hang on it
come out independently. A hidden unit is on or off, for all pixels alike: draw it first.
Probabilities are fine where nothing follows, as in the last statistics.

Caught by: check_bits_drive. Catalogue: B10.
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
    h = torch.sigmoid(hidden_bias + v @ weight)
    return sample_v(h, weight, visible_bias, generator)
