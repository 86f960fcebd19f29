import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    """Probabilities of the pixels, (num_samples, X), without gradients.

    Args:
        decoder: codes (B, latent_dim) to logits (B, X).
    """
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = torch.randn(num_samples, latent_dim, generator=generator)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
