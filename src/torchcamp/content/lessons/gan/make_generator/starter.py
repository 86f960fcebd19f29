import torch
from torch import Tensor, nn


class Generator(nn.Module):
    """Noise (B, latent_dim) to pictures (B, 1, image_size, image_size) in [0, 1]."""

    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        # TODO: the layers, and their weights

    def forward(self, z: Tensor) -> Tensor:
        raise NotImplementedError


def init_weights(module: nn.Module) -> None:
    """Small weights for one module."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
