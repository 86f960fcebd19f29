import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    probs = torch.sigmoid(v @ weight + hidden_bias)
    return (torch.rand(probs.shape, generator=generator) < probs).float()


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    return sample_h(h, weight.T, visible_bias, generator)


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    return sample_v(sample_h(v, weight, hidden_bias, generator), weight, visible_bias, generator)
