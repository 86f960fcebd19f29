import torch
from torch import Tensor, nn


class Discriminator(nn.Module):
    """Pictures (B, 1, image_size, image_size) to logits (B,): positive means real."""

    def __init__(self, image_size: int) -> None:
        super().__init__()
        # TODO: the layers

    def forward(self, images: Tensor) -> Tensor:
        raise NotImplementedError
