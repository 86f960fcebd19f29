"""Tensors as pictures: a grid, a PNG file, a GIF file."""

import errno
import io
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from torchcamp.base.files import require_regular

FILM_SIZE = 480  # pixels per side of a film, at the most


def grid(images: Tensor, columns: int = 0, gap: int = 2) -> np.ndarray:
    """Pictures laid out row by row in one image.

    Args:
        images: (N, C, H, W), `uint8` or numbers in [0, 1]; C is 1 (grey) or 3 (RGB).
        columns: pictures per row; with 0, the square root of N, rounded up.
        gap: grey pixels between pictures.

    Returns:
        `uint8` array (height, width), or (height, width, 3) in colour.
    """
    pixels = images.detach().cpu()
    if pixels.is_floating_point():
        pixels = pixels.clamp(0, 1).mul(255).round().byte()
    num_images, channels, height, width = pixels.shape
    columns = columns or int(np.ceil(np.sqrt(num_images)))
    rows = -(-num_images // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, channels)
    sheet = np.full(shape, 64, np.uint8)
    for number, picture in enumerate(pixels.permute(0, 2, 3, 1).numpy()):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet.squeeze(2) if channels == 1 else sheet


def png_bytes(pixels: np.ndarray) -> bytes:
    """A `uint8` array (height, width) or (height, width, 3) as a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=False)
    return stream.getvalue()


def require_picture(path: Path) -> None:
    """Refuse a file that `gif_bytes` could not read.

    Raises:
        OSError: it is not a picture, or is damaged.
    """
    require_regular(path)
    try:
        with Image.open(path) as picture:
            picture.verify()
    except Exception as error:  # each format raises its own kinds
        raise OSError(errno.EINVAL, "is not a picture", str(path)) from error


def _frame(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        frame = picture.convert("L" if picture.mode == "L" else "RGB")
    frame.thumbnail((FILM_SIZE, FILM_SIZE))
    return frame if frame.mode == "L" else frame.quantize(dither=Image.Dither.NONE)


def gif_bytes(frames: list[Path], num_frames: int = 60, milliseconds: int = 150) -> bytes:
    """An endlessly looping GIF file of equally large pictures; the last one is held longer.

    Pictures in colour get 256 colours each, and large ones are made smaller: a film of noise does
    not compress.

    Args:
        frames: PNG files in order.
        num_frames: the most frames to keep, evenly spaced.
        milliseconds: how long each is shown.
    """
    chosen = [
        frames[i]
        for i in np.linspace(0, len(frames) - 1, min(num_frames, len(frames))).round().astype(int)
    ]
    pictures = [_frame(path) for path in chosen]
    stream = io.BytesIO()
    durations = [milliseconds] * (len(pictures) - 1) + [10 * milliseconds]
    pictures[0].save(
        stream, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )
    return stream.getvalue()
