"""Pictures on a page: their size, their pixels, their files."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from torchcamp.evaluation.thumbnails import LARGEST_PNG, Thumbnail, thumbnail


def decoded(shown: Thumbnail) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(shown.source.partition(",")[2])))


@pytest.mark.parametrize(
    ("shape", "size", "crisp"),
    [
        ((1, 28, 28), (112, 112), True),  # four times
        ((3, 32, 32), (128, 128), True),
        ((3, 20, 40), (120, 60), True),
        ((3, 64, 64), (128, 128), False),
        ((3, 96, 48), (64, 128), False),
        ((3, 1000, 1), (1, 128), False),
    ],
)
def test_small_pictures_grow_by_a_whole_number(
    shape: tuple[int, int, int], size: tuple[int, int], crisp: bool
):
    shown = thumbnail(torch.zeros(shape, dtype=torch.uint8), 128)
    assert ((shown.width, shown.height), shown.crisp) == (size, crisp)


def test_small_files_keep_every_pixel():
    for channels, mode in ((1, "L"), (3, "RGB")):
        picture = torch.arange(channels * 60, dtype=torch.uint8).view(channels, 6, 10)
        file = decoded(thumbnail(picture, 64))
        assert (file.mode, file.size, file.format) == (mode, (10, 6), "PNG")
        pixels = np.asarray(file).reshape(6, 10, channels)
        assert (pixels == picture.permute(1, 2, 0).numpy()).all()


def test_large_pictures_are_stored_small():
    generator = torch.Generator().manual_seed(0)
    picture = torch.randint(256, (3, 500, 400), dtype=torch.uint8, generator=generator)
    shown = thumbnail(picture, 64)
    file = decoded(shown)
    assert (file.size, file.format) == ((51, 64), "JPEG")
    assert file.size == (shown.width, shown.height)
    assert len(shown.source) < 4 / 3 * 4 * LARGEST_PNG
    flat = thumbnail(torch.full((3, 500, 400), 200, dtype=torch.uint8), 64)
    assert decoded(flat).format == "PNG"
    assert decoded(flat).getpixel((9, 9)) == (200, 200, 200)
