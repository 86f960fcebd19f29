"""Pictures of a data set as a page shows them: small files, shown at a stated size."""

import io
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from torchcamp.pages.page import data_uri

LARGEST_CRISP = 48  # pixels on the longer side; larger pictures are scaled smoothly
LARGEST_PNG = 4096  # bytes; what needs more is written as JPEG
JPEG_QUALITY = 85


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A picture for an `<img>`: its data, its size on the page, and how to scale it.

    source: a `data:` address.
    width, height: in CSS pixels.
    crisp: it is enlarged by a whole number, so that each pixel is a square.
    """

    source: str
    width: int
    height: int
    crisp: bool


def thumbnail(picture: Tensor, side: int) -> Thumbnail:
    """`picture` to be shown within `side` x `side` CSS pixels, its aspect ratio kept.

    Small pictures are enlarged by the largest whole number that fits. Others are shown with `side`
    pixels on their longer side, and stored with no more.

    Args:
        picture: (C, H, W) uint8 with one channel (grey) or three (RGB), on any device.
        side: CSS pixels.
    """
    pixels = picture.cpu().numpy()
    drawing = Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))
    longest = max(drawing.size)
    crisp = longest <= min(LARGEST_CRISP, side)
    scale = side // longest if crisp else side / longest
    width, height = (max(1, round(pixels * scale)) for pixels in drawing.size)
    if longest > side:
        drawing = drawing.resize((width, height), Image.Resampling.LANCZOS)
    return Thumbnail(source=_source(drawing), width=width, height=height, crisp=crisp)


def _source(drawing: Image.Image) -> str:
    """As PNG, which loses nothing, or as JPEG where that would be large."""
    png = io.BytesIO()
    drawing.save(png, "PNG")
    if png.tell() <= LARGEST_PNG:
        return data_uri(png.getvalue(), "image/png")
    jpeg = io.BytesIO()
    drawing.save(jpeg, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return data_uri(jpeg.getvalue(), "image/jpeg")
