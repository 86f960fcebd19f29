"""You drew the code.

That is right in training, where the decoder must learn the whole neighbourhood. To look at a
picture, or to compare two models, decode the mean, and say that you did: two calls then agree.

Caught by: check_reconstruct. Catalogue: K20.
"""

import torch
from torch import Tensor, nn


def interpolate(a: Tensor, b: Tensor, num_steps: int) -> Tensor:
    share = torch.linspace(0, 1, num_steps)[:, None]
    return (1 - share) * a + share * b


def reconstruct(encoder: nn.Module, decoder: nn.Module, x: Tensor) -> Tensor:
    mu, logvar = encoder(x)
    return torch.sigmoid(decoder(mu + (0.5 * logvar).exp() * torch.randn_like(mu)))
