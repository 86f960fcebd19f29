"""Your way stops before b.

Five points have four steps between them: divide by num_steps - 1, or use `torch.linspace`, which
includes both ends.

Caught by: check_ends.
"""

import torch
from torch import Tensor, nn


def interpolate(a: Tensor, b: Tensor, num_steps: int) -> Tensor:
    share = (torch.arange(num_steps) / num_steps)[:, None]
    return (1 - share) * a + share * b


def reconstruct(encoder: nn.Module, decoder: nn.Module, x: Tensor) -> Tensor:
    mu, _ = encoder(x)
    return torch.sigmoid(decoder(mu))
