"""Lesson 13: digits on request, and the same noise as each of ten classes."""

from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures import gan
from torchcamp.widgets.draw_classes import DrawClasses


def draw_classes(network: nn.Module, images: Images) -> DrawClasses:
    """A grid of classes by noise, and digits on request; see `torchcamp.figures.gan.draw_classes`."""
    return gan.draw_classes(network, images, conditional=True)


def two_requests(network: Any) -> tuple[Tensor, Tensor]:
    """Noise and classes for two pictures, as inputs of a quoted call."""
    return torch.randn(2, network.config.latent_dim), torch.tensor([3, 7])
