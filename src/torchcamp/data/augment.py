"""Pixels to floats, and random distortions small enough to leave a digit readable. All on the device.

Shapes: B = batch, H = W = 28
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def to_float(images: Tensor) -> Tensor:
    """`uint8` pixels (B, 1, H, W) as numbers in [0, 1]."""
    return images.float().div_(255)


def shift(images: Tensor, max_pixels: int) -> Tensor:
    """Shift each picture randomly by up to `max_pixels` along both axes; the border fills with zeros."""
    batch_size, _, height, width = images.shape
    padded = F.pad(images, (max_pixels,) * 4).squeeze(1)
    offsets = torch.randint(2 * max_pixels + 1, (2, batch_size, 1), device=images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)  # (B, H)
    columns = offsets[1] + torch.arange(width, device=images.device)  # (B, W)
    picture = torch.arange(batch_size, device=images.device)[:, None, None]
    return padded[picture, rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def distort(
    images: Tensor, *, max_pixels: float, rotation: float, scale: float, shear: float
) -> Tensor:
    """Rotate, scale, shear and shift each picture a little, all amounts drawn uniformly.

    Args:
        images: (B, 1, H, W) in [0, 1].
        max_pixels: largest shift, in pixels.
        rotation: largest angle in either direction, in radians.
        scale: largest relative change of width and of height.
        shear: largest horizontal shear.
    """
    device, size = images.device, images.shape[-1]

    def draw(amount: float) -> Tensor:
        return (torch.rand(len(images), device=device) * 2 - 1) * amount  # (B,)

    angle, slant = draw(rotation), draw(shear)
    width, height = 1 + draw(scale), 1 + draw(scale)
    # affine_grid's coordinates run from -1 to 1: a shift of 2 / size is one pixel.
    right, down = draw(2 * max_pixels / size), draw(2 * max_pixels / size)
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.stack(
        [cos * width, slant - sin * height, right, sin * width, cos * height, down], dim=1
    ).view(-1, 2, 3)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)
