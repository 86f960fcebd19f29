import torch
from torch import Tensor, nn


@torch.no_grad()
def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    was_training = decoder.training
    try:
        decoder.train(False)
        z = torch.empty(num_samples, latent_dim).normal_(generator=generator)
        return decoder(z).sigmoid()
    finally:
        decoder.train(was_training)
