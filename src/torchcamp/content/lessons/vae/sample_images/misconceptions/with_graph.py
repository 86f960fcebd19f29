"""Your samples keep the decoder's graph alive.

Nothing will be trained on them: draw inside `torch.no_grad()`.

Caught by: check_no_graph.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    z = torch.randn(num_samples, latent_dim, generator=generator)
    probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
