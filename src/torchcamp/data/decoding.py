"""A picture file's bytes as pixels of a given size and colour, with its content kept.

Runs without torch: the processes that decode many pictures import numpy and Pillow only.
"""

import contextlib
import hashlib
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from torchcamp.base.errors import DataError, suggest
from torchcamp.data.picture_files import PictureFile

MAX_AUTO_SIZE = 96  # pixels per side, where the size comes from the pictures
SIZES = range(8, 1025)  # pixels per side that may be asked for
NUM_SURVEYED = 300  # pictures whose size is looked up
NUM_LOOKED_INTO = 60  # pictures that are decoded to find their colours and their depth
COLOURED = 12  # levels of 255 between two channels that are a colour, not JPEG's noise
COLOURED_SHARE = 0.005  # of a picture's pixels
DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
ORIENTATION = 0x0112  # the EXIF tag
RESAMPLE = Image.Resampling.BICUBIC
BLOCK = 64  # pictures that are decoded together
WRITTEN_AT_ONCE = 1 << 20  # bytes
BACKGROUNDS = {"white": 255, "black": 0}


class UnreadablePicture(Exception):
    """A file that is not a picture, or a damaged one; its text is the reason in a few words."""


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How every picture of a set becomes (height, width, channels) uint8.

    channels: 1 (grey) or 3 (RGB).
    background: `white` or `black`: what transparent pixels become.
    low, high: the values of deep pictures (16 bits, 32 bits, float) that become 0 and 255.
    """

    height: int
    width: int
    channels: int
    background: str = "white"
    low: float = 0.0
    high: float = 65535.0


def decode(content: bytes, decoding: Decoding) -> np.ndarray:
    """The picture in `content`: (height, width, channels) uint8.

    It is scaled to fit with its aspect kept, and centred on black.

    Raises:
        UnreadablePicture: not a picture, or a damaged one.
    """
    with _opened(content) as picture:
        twice = (2 * decoding.width, 2 * decoding.height)
        if picture.format == "JPEG" and picture.width > twice[0] and picture.height > twice[1]:
            # Decodes at 1/2, 1/4 or 1/8 of its size where that is still enough.
            picture.draft(None, twice)
        flat = _flat(picture, decoding)
        mode = "L" if decoding.channels == 1 else "RGB"
        if flat.mode != mode:
            flat = flat.convert(mode)
    return np.asarray(_fitted(flat, decoding)).reshape(
        decoding.height, decoding.width, decoding.channels
    )


def survey(
    files: Sequence[PictureFile],
    *,
    size: str = "auto",
    colour: str = "auto",
    background: str = "white",
) -> Decoding:
    """The size, colour and depth in which `files` are to be decoded.

    Args:
        size: `auto` (the median height and width, at most 96 and never enlarged), `64` or `48x64`.
        colour: `auto` (colour if any picture looked into has some), `rgb` or `grey`.
        background: `white` or `black`.

    Raises:
        DataError: an argument that is none of these.
    """
    for what, value, known in (
        ("colour", colour, ("auto", "rgb", "grey")),
        ("background", background, tuple(BACKGROUNDS)),
    ):
        if value not in known:
            hint = suggest(value, known, aliases={"color": "rgb", "gray": "grey", "RGB": "rgb"})
            raise DataError(f"unknown {what} {value!r}. {hint}")
    asked = parse_size(size)
    sides: list[tuple[int, int]] = []
    coloured, deep = False, []
    surveyed = _evenly(files, NUM_SURVEYED)
    looked_into = set(_evenly(surveyed, NUM_LOOKED_INTO))
    for file in surveyed:
        if asked is not None and file not in looked_into:
            continue
        try:
            with _opened(file.read()) as picture:
                sides.append(_sides(picture))
                if file in looked_into:
                    if picture.mode in DEEP_MODES:
                        deep.append(_range(np.asarray(picture)))
                    elif colour == "auto" and not coloured:
                        coloured = _has_colour(picture, background)
        except (UnreadablePicture, OSError):
            continue
    height, width = asked or _auto_size(sides)
    low, high = _depth(deep)
    return Decoding(
        height=height,
        width=width,
        channels=3 if colour == "rgb" or (colour == "auto" and coloured) else 1,
        background=background,
        low=low,
        high=high,
    )


def parse_size(text: str) -> tuple[int, int] | None:
    """`64` or `48x64` as height and width; None for `auto`.

    Raises:
        DataError: anything else, or a side outside 8 to 1024.
    """
    if text == "auto":
        return None
    match = re.fullmatch(r"(\d{1,6})(?:[x×](\d{1,6}))?", text.strip().lower())
    if match is None:
        raise DataError(f"size takes auto, 64 or 48x64 (height x width), not {text!r}")
    height, width = int(match[1]), int(match[2] or match[1])
    if height not in SIZES or width not in SIZES:
        raise DataError(f"size takes {SIZES[0]} to {SIZES[-1]} pixels per side, not {text}")
    return height, width


class _opened:
    """A picture while it is looked at; whatever Pillow raises becomes `UnreadablePicture`."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.warnings = warnings.catch_warnings()

    def __enter__(self) -> Image.Image:
        self.warnings.__enter__()
        warnings.simplefilter("ignore")  # odd metadata, palettes with transparency
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            self.picture = Image.open(io.BytesIO(self.content))
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self.picture

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.warnings.__exit__(None, None, None)
        if isinstance(error, Exception) and not isinstance(error, MemoryError):
            raise UnreadablePicture(_reason(error, self.content)) from error


def _reason(error: Exception, content: bytes) -> str:
    if not content:
        return "the file is empty"
    if isinstance(error, Image.UnidentifiedImageError):
        return "not a picture"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "too many pixels"
    text = " ".join(str(error).split()) or type(error).__name__
    return "the file is cut off" if "truncated" in text.lower() else text[:100]


def _flat(picture: Image.Image, decoding: Decoding) -> Image.Image:
    """Upright, 8 bits deep, and without transparency."""
    picture = _upright(picture)
    if picture.mode in DEEP_MODES:
        values = np.nan_to_num(np.asarray(picture).astype(np.float64), nan=decoding.low)
        scaled = (values - decoding.low) / max(decoding.high - decoding.low, 1e-12) * 255
        return Image.fromarray(scaled.clip(0, 255).round().astype(np.uint8))
    return _opaque(picture, decoding.background)


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF data say; metadata that cannot be read do not spoil the pixels."""
    picture.load()
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _sides(picture: Image.Image) -> tuple[int, int]:
    """Height and width of the picture when it is upright, from its header."""
    width, height = picture.size
    if picture.format == "TIFF":  # Pillow has exchanged them already
        return height, width
    try:
        lying = picture.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
    except Exception:
        lying = False
    return (width, height) if lying else (height, width)


def _opaque(picture: Image.Image, background: str) -> Image.Image:
    """8-bit grey or RGB, with `background` where the picture is transparent."""
    if picture.has_transparency_data:
        level = BACKGROUNDS[background]
        ground = Image.new("RGBA", picture.size, (level, level, level, 255))
        return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
    # PA and LA without transparency, palettes, CMYK, YCbCr, 1 bit.
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _fitted(picture: Image.Image, decoding: Decoding) -> Image.Image:
    width, height = picture.size
    scale = min(decoding.width / width, decoding.height / height)
    fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
    # An aspect that is nearly right is stretched rather than given a border of a pixel or two.
    if fitted[0] >= 0.97 * decoding.width and fitted[1] >= 0.97 * decoding.height:
        fitted = (decoding.width, decoding.height)
    if picture.size != fitted:
        picture = picture.resize(fitted, RESAMPLE, reducing_gap=3.0)
    if fitted == (decoding.width, decoding.height):
        return picture
    sheet = Image.new(picture.mode, (decoding.width, decoding.height))
    sheet.paste(picture, ((decoding.width - fitted[0]) // 2, (decoding.height - fitted[1]) // 2))
    return sheet


def _has_colour(picture: Image.Image, background: str) -> bool:
    if picture.mode in ("1", "L", "LA"):
        return False
    picture.draft("RGB", (128, 128))
    small = _opaque(picture, background).convert("RGB")
    small.thumbnail((64, 64))
    pixels = np.asarray(small).astype(np.int16)
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return bool((spread > COLOURED).mean() > COLOURED_SHARE)


def _auto_size(sides: Sequence[tuple[int, int]]) -> tuple[int, int]:
    if not sides:
        return (SIZES[0], SIZES[0])
    height, width = median(h for h, _ in sides), median(w for _, w in sides)
    scale = min(1.0, MAX_AUTO_SIZE / max(height, width))
    height, width = height * scale, width * scale
    if max(height, width) < 1.1 * min(height, width):
        height = width = max(height, width)
    # Multiples of four, which every model can halve twice.
    return tuple(max(SIZES[0], min(MAX_AUTO_SIZE, round(side / 4) * 4)) for side in (height, width))  # type: ignore[return-value]


def _range(values: np.ndarray) -> tuple[float, float, bool] | None:
    """The smallest and largest value of a deep picture, and whether it is one of floats."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    return float(finite.min()), float(finite.max()), values.dtype.kind == "f"


def _depth(ranges: Sequence[tuple[float, float, bool] | None]) -> tuple[float, float]:
    """The values of deep pictures that become black and white."""
    known = [each for each in ranges if each is not None]
    if not known:
        return 0.0, 65535.0
    low, high = min(each[0] for each in known), max(each[1] for each in known)
    if any(is_float for _, _, is_float in known):
        return (0.0, 1.0) if low >= 0 and 0.1 < high <= 1 else (low, high)
    if low < 0:
        return low, high
    # 8, 12 or 16 bits in a file of 16 or 32: the fewest that hold the largest value.
    return 0.0, float(2 ** max(8, int(high).bit_length()) - 1)


def _evenly(files: Sequence[PictureFile], count: int) -> list[PictureFile]:
    if len(files) <= count:
        return list(files)
    return [files[int(index)] for index in np.linspace(0, len(files) - 1, count)]


def decode_all(
    files: Sequence[PictureFile], decoding: Decoding
) -> Iterator[tuple[np.ndarray | None, str]]:
    """Each file's pixels, or None and the reason why it cannot be read."""
    for file in files:
        try:
            yield decode(file.read(), decoding), ""
        except UnreadablePicture as error:
            yield None, str(error)
        except OSError as error:
            yield None, error.strerror or str(error)


def decode_block(
    pixels: Path, files: Sequence[PictureFile], decoding: Decoding, block: int
) -> dict[str, Any]:
    """Decode the files of block number `block` into its place in `pixels`; say what was found.

    Raises:
        OSError: `pixels` cannot be written.
    """
    first = block * BLOCK
    num_bytes = decoding.channels * decoding.height * decoding.width
    digests, unreadable, blank = [], [], 0
    with pixels.open("r+b", buffering=WRITTEN_AT_ONCE) as stream:
        stream.seek(first * num_bytes)
        for number, (picture, reason) in enumerate(decode_all(files, decoding)):
            if picture is None:
                unreadable.append((first + number, reason))
                digests.append("")
                stream.write(bytes(num_bytes))
                continue
            content = picture.transpose(2, 0, 1).tobytes()
            digests.append(hashlib.blake2b(content, digest_size=16).hexdigest())
            blank += _is_blank(content, decoding.channels)
            stream.write(content)
    return {"block": block, "digests": digests, "unreadable": unreadable, "blank": blank}


def _is_blank(planes: bytes, channels: int) -> bool:
    """Whether each plane of (C, H, W) has one value throughout."""
    size = len(planes) // channels
    starts = range(0, len(planes), size)
    return all(planes[at : at + size] == planes[at : at + 1] * size for at in starts)


def conversions(files: Sequence[PictureFile], decoding: Decoding) -> list[str]:
    """What becomes of deep and of transparent pictures: a sentence each, from a look into a few."""
    deep = transparent = looked_into = 0
    for file in _evenly(files, NUM_LOOKED_INTO // 2):
        with contextlib.suppress(UnreadablePicture, OSError), _opened(file.read()) as picture:
            deep += picture.mode in DEEP_MODES
            if picture.has_transparency_data:
                transparent += picture.convert("RGBA").getchannel("A").getextrema()[0] != 255
            looked_into += 1
    notes = []
    if deep:
        notes.append(
            f"{deep} of {looked_into} pictures looked into are deeper than 8 bits: values of "
            f"{decoding.low:,.6g} to {decoding.high:,.6g} become 0 to 255"
        )
    if transparent:
        other = next(name for name in BACKGROUNDS if name != decoding.background)
        notes.append(
            f"{transparent} of {looked_into} pictures looked into are transparent in places: "
            f"{decoding.background} is put behind them (--set background={other} puts {other})"
        )
    return notes
