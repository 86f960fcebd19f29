"""Pixels to floats, and random distortions that leave a picture's class alone. All on the device.

Shapes: B = batch, C = channels, H, W = height and width
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def to_float(images: Tensor) -> Tensor:
    """`uint8` pixels (B, C, H, W) as numbers in [0, 1]."""
    return images.float().div_(255)


def shift(images: Tensor, max_pixels: int, *, mirror_border: bool = False) -> Tensor:
    """Shift each picture randomly by up to `max_pixels` along both axes.

    Args:
        images: (B, C, H, W).
        max_pixels: of the largest shift.
        mirror_border: fill what comes into view with the mirrored border, as suits photographs;
            otherwise with zeros, as suits white digits on black.
    """
    batch_size, _, height, width = images.shape
    padded = F.pad(images, (max_pixels,) * 4, mode="reflect" if mirror_border else "constant")
    offsets = torch.randint(2 * max_pixels + 1, (2, batch_size, 1), device=images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)  # (B, H)
    columns = offsets[1] + torch.arange(width, device=images.device)  # (B, W)
    picture = torch.arange(batch_size, device=images.device)[:, None, None]
    shifted = padded[picture, :, rows[:, :, None], columns[:, None, :]]  # (B, H, W, C)
    return shifted.permute(0, 3, 1, 2)


def distort(
    images: Tensor, *, max_pixels: float, rotation: float, scale: float, shear: float
) -> Tensor:
    """Rotate, scale, shear and shift each picture a little, all amounts drawn uniformly.

    Args:
        images: (B, C, H, W) in [0, 1].
        max_pixels: largest shift, in pixels.
        rotation: largest angle in either direction, in radians.
        scale: largest relative change of width and of height.
        shear: largest horizontal shear.
    """
    device = images.device
    height, width = images.shape[-2:]

    def draw(amount: float) -> Tensor:
        return (torch.rand(len(images), device=device) * 2 - 1) * amount  # (B,)

    angle, slant = draw(rotation), draw(shear)
    wider, higher = 1 + draw(scale), 1 + draw(scale)
    # affine_grid's coordinates run from -1 to 1 along both axes: a shift of 2 / width is one pixel,
    # and an angle of a picture that is not square needs the ratio of its sides.
    right, down = draw(2 * max_pixels / width), draw(2 * max_pixels / height)
    cos, sin = angle.cos(), angle.sin()
    x_from_y, y_from_x = (slant - sin * higher) * (height / width), sin * wider * (width / height)
    matrix = torch.stack([cos * wider, x_from_y, right, y_from_x, cos * higher, down], dim=1).view(
        -1, 2, 3
    )
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)
