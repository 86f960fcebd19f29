import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from torchcamp.base.errors import DataError
from torchcamp.data.decoding import Decoding, UnreadablePicture, decode, survey
from torchcamp.data.picture_files import PictureFile

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
ORIENTATION = 0x0112


def content(picture: Image.Image | np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file of `kind`."""
    stream = io.BytesIO()
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def rgb(height: int, width: int, **changes: Any) -> Decoding:
    return replace(Decoding(height=height, width=width, channels=3), **changes)


def grey(height: int, width: int, **changes: Any) -> Decoding:
    return replace(Decoding(height=height, width=width, channels=1), **changes)


def files(folder: Path, contents: Sequence[bytes]) -> list[PictureFile]:
    """`contents` as files of a set."""
    folder.mkdir(exist_ok=True)
    for number, each in enumerate(contents):
        (folder / f"{number}.png").write_bytes(each)
    return [PictureFile(f"{n}.png", folder / f"{n}.png") for n in range(len(contents))]


# --- Depth -----------------------------------------------------------------------------


def gradient(largest: float, kind: Any) -> np.ndarray:
    """(16, 256) from 0 on the left to `largest` on the right."""
    return np.tile(np.linspace(0, largest, 256), (16, 1)).astype(kind)


@pytest.mark.parametrize(
    ("largest", "high"), [(65535, 65535), (4095, 4095), (4000, 4095), (1000, 1023), (200, 255)]
)
def test_16_bits_keep_their_levels_however_many_of_the_bits_are_used(
    tmp_path: Path, largest: int, high: int
):
    picture = content(gradient(largest, np.uint16))
    decoding = survey(files(tmp_path, [picture]), size="16x256")
    assert (decoding.low, decoding.high, decoding.channels) == (0, high, 1)
    pixels = decode(picture, decoding)[:, :, 0]
    assert pixels.shape == (16, 256)
    assert len(np.unique(pixels)) > 200
    assert pixels[0, 0] == 0
    assert pixels[0, -1] == round(255 * largest / high)


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_16_bits_are_read_in_either_byte_order(mode: str):
    order = ">u2" if mode == "I;16B" else "<u2"
    values = gradient(65535, order)
    picture = Image.frombytes(mode, (256, 16), values.tobytes())
    pixels = decode(content(picture, "TIFF"), grey(16, 256))
    assert np.array_equal(pixels[:, :, 0], np.round(values / 257).astype(np.uint8))


def test_one_scale_holds_for_all_deep_pictures_of_a_set(tmp_path: Path):
    dark, bright = gradient(500, np.uint16), gradient(4000, np.uint16)
    decoding = survey(files(tmp_path, [content(dark), content(bright)]), size="16x256")
    assert decode(content(dark), decoding).max() == round(255 * 500 / 4095)


def test_32_bits_are_scaled_by_the_bits_that_are_used(tmp_path: Path):
    picture = content(Image.fromarray(gradient(2**20 - 1, np.int32)), "TIFF")
    decoding = survey(files(tmp_path, [picture]), size="16x256")
    assert (decoding.low, decoding.high) == (0, 2**20 - 1)
    assert decode(picture, decoding)[0, -1, 0] == 255


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        (gradient(1.0, np.float32), (0.0, 1.0)),
        (gradient(0.8, np.float32), (0.0, 1.0)),
        (gradient(300.0, np.float32), (0.0, 300.0)),
        (gradient(6.0, np.float32) - 3, (-3.0, 3.0)),
        (gradient(600, np.int32) - 300, (-300.0, 300.0)),
    ],
)
def test_floats_and_negative_numbers_are_scaled_by_their_range(
    tmp_path: Path, values: np.ndarray, bounds: tuple[float, float]
):
    picture = content(Image.fromarray(values), "TIFF")
    decoding = survey(files(tmp_path, [picture]), size="16x256")
    assert (decoding.low, decoding.high) == pytest.approx(bounds)
    pixels = decode(picture, decoding)[0, :, 0]
    low, high = bounds
    expected = np.round((values[0] - low) / (high - low) * 255)
    assert np.abs(pixels - expected).max() <= 1  # the rounding of floats
    assert len(np.unique(pixels)) > 200


def test_floats_that_are_not_finite_are_black_or_at_the_end_of_the_scale():
    values = np.array([[np.nan, np.inf, -np.inf, 0.5]] * 4, np.float32)
    pixels = decode(content(Image.fromarray(values), "TIFF"), grey(4, 4, low=0.0, high=1.0))
    assert pixels[0, :, 0].tolist() == [0, 255, 0, 128]


def test_what_lies_outside_the_scale_is_clipped():
    pixels = decode(content(gradient(65535, np.uint16)), grey(16, 256, high=4095.0))
    assert pixels[0, -1, 0] == 255


def test_a_deep_picture_that_is_asked_for_in_colour_has_three_equal_channels():
    pixels = decode(content(gradient(65535, np.uint16)), rgb(16, 256))
    assert pixels.shape == (16, 256, 3)
    assert (pixels[..., :1] == pixels).all()


# --- Transparency and colour -----------------------------------------------------------


def transparent(mode: str) -> bytes:
    """Left half opaque and dark, right half transparent (over a colour that must not be seen)."""
    picture = Image.new("RGBA", (16, 16), (255, 0, 255, 0))
    picture.paste((10, 10, 10, 255), (0, 0, 8, 16))
    if mode == "P":
        indexed = Image.new("P", (16, 16), 1)
        indexed.putpalette([10, 10, 10, 255, 0, 255])
        indexed.paste(0, (0, 0, 8, 16))
        return content(indexed, transparency=1)
    if mode == "RGB":  # one colour stands for transparent
        return content(picture.convert("RGB"), transparency=(255, 0, 255))
    if mode == "PA":
        return content(picture.convert("RGBA"), "GIF")
    return content(picture.convert(mode))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "PA"])
@pytest.mark.parametrize(("background", "level"), [("white", 255), ("black", 0)])
def test_transparent_pixels_become_the_background(mode: str, background: str, level: int):
    pixels = decode(transparent(mode), rgb(16, 16, background=background))
    assert np.abs(pixels[:, :8].astype(int) - 10).max() <= 2
    assert (pixels[:, 8:] == level).all()


def test_half_transparent_pixels_are_mixed_with_the_background():
    picture = content(Image.new("RGBA", (16, 16), (0, 0, 0, 128)))
    assert decode(picture, grey(16, 16))[0, 0, 0] == 127
    assert decode(picture, grey(16, 16, background="black"))[0, 0, 0] == 0


def test_a_colour_that_is_transparent_is_not_taken_for_colour(tmp_path: Path):
    assert survey(files(tmp_path, [transparent("RGBA")])).channels == 1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_red_in_cmyk_is_red(kind: str):
    picture = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    pixels = decode(content(picture, kind), rgb(16, 16)).astype(int)
    assert np.abs(pixels - RED).max() <= 6


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_a_palette_is_looked_up(kind: str):
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([*GREEN, *BLUE])
    picture.paste(0, (0, 0, 8, 16))
    pixels = decode(content(picture, kind), rgb(16, 16))
    assert pixels[3, 3].tolist() == [*GREEN]
    assert pixels[3, 12].tolist() == [*BLUE]


def test_one_bit_is_black_and_white():
    picture = Image.new("1", (16, 16), 0)
    picture.paste(1, (0, 0, 8, 16))
    pixels = decode(content(picture), grey(16, 16))
    assert (pixels[0, 0, 0], pixels[0, 12, 0]) == (255, 0)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "JPEG", "PPM", "BMP"])
def test_the_usual_formats_are_read(kind: str):
    if not Image.registered_extensions().get(f".{kind.lower()}"):
        pytest.skip(f"this Pillow reads no {kind}")
    pixels = decode(content(Image.new("RGB", (16, 16), RED), kind), rgb(16, 16)).astype(int)
    assert np.abs(pixels - RED).max() <= 8


def test_an_animation_is_its_first_frame():
    frames = [Image.new("P", (16, 16)) for _ in range(2)]
    for frame, colour in zip(frames, (GREEN, BLUE), strict=True):
        frame.putpalette([*colour, 0, 0, 0])
    picture = content(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(picture, rgb(16, 16))[8, 8].tolist() == [*GREEN]


def test_colour_is_found_where_it_is_real(tmp_path: Path):
    rng = np.random.default_rng(0)
    shades = np.repeat(rng.integers(0, 256, (32, 32, 1), np.uint8), 3, axis=2)
    tinted = (shades + rng.integers(-8, 9, (32, 32, 3))).clip(0, 255).astype(np.uint8)
    noisy = [content(tinted, "JPEG", quality=quality) for quality in (30, 90)]
    assert survey(files(tmp_path / "grey", [content(shades), *noisy])).channels == 1
    dot = shades.copy()
    dot[10:14, 10:14] = RED
    assert survey(files(tmp_path / "dot", [content(shades), content(dot)])).channels == 3
    assert survey(files(tmp_path / "dot", [content(dot)]), colour="grey").channels == 1
    assert survey(files(tmp_path / "grey", [content(shades)]), colour="rgb").channels == 3


# --- Size ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([(28, 28)], (28, 28)),
        ([(3000, 4000)], (72, 96)),
        ([(1000, 1040)], (96, 96)),  # nearly square
        ([(50, 40)], (48, 40)),
        ([(20, 20), (40, 40), (400, 400)], (40, 40)),  # the median
        ([(3, 3)], (8, 8)),
        ([(2000, 20)], (96, 8)),
    ],
)
def test_the_size_comes_from_the_pictures(
    tmp_path: Path, sides: list[tuple[int, int]], expected: tuple[int, int]
):
    found = survey(files(tmp_path, [content(np.zeros(each, np.uint8)) for each in sides]))
    assert (found.height, found.width) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("64", (64, 64)), ("48x64", (48, 64)), ("48X64", (48, 64)), ("1024", (1024, 1024))],
)
def test_a_size_that_is_asked_for_is_taken(tmp_path: Path, text: str, expected: tuple[int, int]):
    found = survey(files(tmp_path, [content(np.zeros((20, 20), np.uint8))]), size=text)
    assert (found.height, found.width) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": "big"}, "size takes auto, 64 or 48x64 (height x width), not 'big'"),
        ({"size": "4"}, "size takes 8 to 1024 pixels per side, not 4"),
        ({"size": "64x2000"}, "size takes 8 to 1024 pixels per side, not 64x2000"),
        ({"colour": "gray"}, "unknown colour 'gray'. Did you mean 'grey'?"),
        ({"background": "blue"}, "unknown background 'blue'. Available: white, black"),
    ],
)
def test_a_wrong_option_is_refused_with_what_was_expected(options: dict[str, str], message: str):
    with pytest.raises(DataError) as refused:
        survey([], **options)
    assert message in str(refused.value)


def test_another_aspect_is_kept_and_centred_on_black():
    pixels = decode(content(np.full((20, 40), 200, np.uint8)), grey(40, 40))[:, :, 0]
    assert (pixels[10:30] == 200).all()
    assert not pixels[:10].any()
    assert not pixels[30:].any()


def test_an_aspect_that_is_nearly_right_is_stretched():
    assert (decode(content(np.full((98, 100), 200, np.uint8)), grey(40, 40)) == 200).all()
    assert not decode(content(np.full((90, 100), 200, np.uint8)), grey(40, 40))[0].any()
    assert not decode(content(np.full((100, 90), 200, np.uint8)), grey(40, 40))[:, 0].any()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_shrinking_averages(kind: str):
    """Stripes of one pixel become grey; picking pixels would give black or white."""
    stripes = np.tile(np.array([0, 255], np.uint8), (1024, 512))
    pixels = decode(content(stripes, kind, quality=95), grey(32, 32)).astype(int)
    assert np.abs(pixels - 128).max() <= 3


def test_a_large_photo_that_is_decoded_small_looks_like_itself():
    """JPEG's own reduction is close to reading all pixels and shrinking them."""
    y, x = np.mgrid[:1200, :1600]
    smooth = np.stack([x / 1600, y / 1200, (x + y) / 2800], axis=2)
    picture = Image.fromarray((255 * smooth).astype(np.uint8))
    pixels = decode(content(picture, "JPEG", quality=95), rgb(48, 64))
    whole = np.asarray(picture.resize((64, 48), Image.Resampling.BOX))
    assert np.abs(pixels.astype(int) - whole).max() <= 4


# --- Orientation -----------------------------------------------------------------------


def turned(orientation: int, kind: str, mode: str = "L") -> bytes:
    """A 24 x 48 picture, white in its upper left quarter, stored so that EXIF must turn it."""
    upright = Image.new("L", (48, 24))
    upright.paste(255, (0, 0, 24, 12))
    how = {
        1: None,
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright.transpose(how) if how is not None else upright
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(stored).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return content(stored, kind, exif=exif)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("PNG", "L"), ("WEBP", "L"), ("TIFF", "L"), ("PNG", "I;16"), ("TIFF", "I;16")],
)
def test_a_picture_is_turned_as_its_exif_says(
    tmp_path: Path, orientation: int, kind: str, mode: str
):
    picture = turned(orientation, kind, mode)
    found = survey(files(tmp_path, [picture]), colour="grey")
    assert (found.height, found.width) == (24, 48)
    pixels = decode(picture, found)[:, :, 0]
    assert pixels[2, 4] > 240
    assert max(pixels[2, 40], pixels[20, 4], pixels[20, 40]) < 15


@pytest.mark.parametrize("broken", [b"", b"nonsense", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08"])
def test_metadata_that_are_broken_do_not_spoil_the_pixels(tmp_path: Path, broken: bytes):
    picture = content(Image.new("RGB", (16, 16), RED), exif=b"Exif\0\0" + broken)
    found = survey(files(tmp_path, [picture]))
    assert (found.height, found.width, found.channels) == (16, 16, 3)
    assert (decode(picture, found) == RED).all()


# --- What cannot be read ---------------------------------------------------------------


def bomb(side: int = 30_000) -> bytes:
    """A small PNG that claims to have side x side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"", "the file is empty"),
        (b"<html>not found</html>", "not a picture"),
        (bomb(), "too many pixels"),
        (bomb(10_000), "too many pixels"),
        (content(NOISE, "JPEG")[:2000], "the file is cut off"),
        (content(NOISE, "PNG")[:2000], "the file is cut off"),
        (content(NOISE, "BMP")[:2000], "the file is cut off"),
    ],
    ids=["empty", "html", "bomb", "smaller bomb", "jpeg", "png", "bmp"],
)
def test_what_cannot_be_read_says_why_in_a_few_words(broken: bytes, reason: str):
    with pytest.raises(UnreadablePicture) as unreadable:
        decode(broken, rgb(16, 16))
    assert str(unreadable.value) == reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
def test_no_damage_raises_anything_else_nor_warns(kind: str):
    """300 files with bytes changed or cut off: pixels, or one line without addresses."""
    whole = content(NOISE[:24, :24], kind)
    rng = np.random.default_rng(1)
    shapes, reasons = set(), []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(300):
            length = rng.integers(len(whole) // 2, len(whole)) if rng.random() < 0.5 else None
            damaged = bytearray(whole[:length])
            for place in rng.integers(0, min(len(damaged), 200), rng.integers(0, 4)):
                damaged[place] = rng.integers(256)
            try:
                shapes.add(decode(bytes(damaged), rgb(16, 16)).shape)
            except UnreadablePicture as error:
                reasons.append(str(error))
    assert shapes == {(16, 16, 3)}
    assert len(reasons) > 20
    assert all(0 < len(reason) <= 100 for reason in reasons)
    assert not [reason for reason in reasons if "\n" in reason or " 0x" in reason]


def test_a_picture_that_pillow_warns_of_is_read_without_a_word(monkeypatch: pytest.MonkeyPatch):
    inner = Image.open

    def warning(stream: io.BytesIO) -> Image.Image:
        warnings.warn("Metadata Warning, tag 256 had too many entries", stacklevel=1)
        return inner(stream)

    monkeypatch.setattr(Image, "open", warning)
    picture = content(Image.new("RGB", (16, 16), RED))
    assert (decode(picture, rgb(16, 16)) == RED).all()


def test_a_survey_passes_over_what_cannot_be_read(tmp_path: Path):
    picture = content(Image.new("RGB", (32, 32), RED))
    found = survey(files(tmp_path, [b"", bomb(), picture, b"text"]))
    assert (found.height, found.width, found.channels) == (32, 32, 3)
    missing = [PictureFile("gone.png", tmp_path / "gone.png")]
    assert survey(missing).height == 8
