import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    """Noise (B, latent_dim) and labels (B,) to pixels (B, num_pixels) in [0, 1]."""

    def __init__(self, latent_dim: int, num_classes: int, num_pixels: int) -> None:
        super().__init__()
        # TODO: an embedding and the layers

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        raise NotImplementedError
