import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    """Bits 0.0 or 1.0, of the images' shape.

    Args:
        images: uint8, 0 to 255.
    """
    noise = torch.rand(images.shape, generator=generator)
    return (noise < images / 255).float()
