import torch
import torch.nn.functional as F
from torch import Tensor, nn


class EncoderHead(nn.Module):
    """Features (B, num_features) to mu and logvar, each (B, latent_dim)."""

    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        # TODO: a layer for each

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        # TODO: mu and logvar
        raise NotImplementedError
