import torch
from torch import Tensor


def sample_h(v: Tensor, weight: Tensor, hidden_bias: Tensor, generator: torch.Generator) -> Tensor:
    """Hidden bits (B, H). v: (B, V). weight: (V, H)."""
    # TODO: draw bits from probabilities
    raise NotImplementedError


def sample_v(h: Tensor, weight: Tensor, visible_bias: Tensor, generator: torch.Generator) -> Tensor:
    """Visible bits (B, V). h: (B, H). weight: (V, H)."""
    # TODO: draw bits from probabilities
    raise NotImplementedError


def gibbs_step(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """New visible bits (B, V), drawn through hidden bits."""
    # TODO: hidden bits, then visible ones
    raise NotImplementedError
