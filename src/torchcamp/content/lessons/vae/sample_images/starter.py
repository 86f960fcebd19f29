import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    """Probabilities of the pixels, (num_samples, X), without gradients.

    Args:
        decoder: codes (B, latent_dim) to logits (B, X).
    """
    # TODO: codes from the prior
    raise NotImplementedError
