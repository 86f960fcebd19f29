"""What a trained classifier says of new pictures: the class by name, with its probability.

Pictures are read a batch at a time, so any number of them needs the memory of one batch.

Shapes: B = batch, C, H, W = channels, height, width of the pictures that the model takes, K = classes
"""

import io
import itertools
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from torchcamp.base import notebook
from torchcamp.base.errors import DataError
from torchcamp.data.decoding import Decoding, UnreadablePicture, decode
from torchcamp.data.found_pictures import FoundPicture, find_pictures
from torchcamp.data.picture_files import ARCHIVES
from torchcamp.data.pictures import png_bytes

BATCH = 256  # pictures at a time, at the most
BATCH_PIXELS = 2**24  # numbers in a batch, at the most: 64 MB
LEVELS = (Decoding.low, Decoding.high)  # of deep pictures, where no others are known
LIGHT = 140  # mean of a border from which on a picture counts as dark on light; of 255
LOOKED_AT = 280  # pixels per side of a picture whose border is looked at, at the most
PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
TIFF_MODES = {"I", "F", "CMYK"}
NUM_SHOWN = 24  # pictures that a notebook shows
NUM_LISTED = 10  # predictions that a repr lists


# --- What is predicted -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ClassProbability:
    """A class and its probability."""

    class_name: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What the model says of one picture.

    file: the picture's file; empty for one from memory.
    top: the likeliest classes, the likeliest first.
    inverted: whether its negative was looked at.
    folders: between what was named and the file, outermost first.
    true_class: the class that one of these folders is named after, if any is.
    pixels: (C, H, W) uint8, as the model saw it; kept of the first few only.
    """

    file: str
    top: tuple[ClassProbability, ...]
    inverted: bool = False
    folders: tuple[str, ...] = ()
    true_class: str | None = None
    pixels: Tensor | None = field(default=None, repr=False)

    @property
    def class_name(self) -> str:
        """The likeliest class."""
        return self.top[0].class_name

    @property
    def probability(self) -> float:
        """Of the likeliest class."""
        return self.top[0].probability

    def as_json(self) -> dict[str, object]:
        """What `torchcamp predict --json` prints of a picture."""
        result: dict[str, object] = {
            "file": self.file,
            "class": self.class_name,
            "probability": self.probability,
            "top": [
                {"class": each.class_name, "probability": each.probability} for each in self.top
            ],
        }
        return result | ({"inverted": True} if self.inverted else {})

    def __repr__(self) -> str:
        first, *others = (
            f"{each.class_name} {notebook.percent(each.probability)}" for each in self.top
        )
        file = f"{self.file}: " if self.file else ""
        then = f" ({', '.join(others)})" if others else ""
        return f"{file}{first}{then}{', inverted' if self.inverted else ''}"

    def _repr_html_(self) -> str:
        return Predictions([self])._repr_html_()


class Predictions(list[Prediction]):
    """A list of predictions that a notebook shows as pictures with bars."""

    @property
    def class_names(self) -> list[str]:
        """The likeliest class of each picture."""
        return [each.class_name for each in self]

    def __repr__(self) -> str:
        lines = [repr(each) for each in self[:NUM_LISTED]]
        more = len(self) - NUM_LISTED
        return "\n".join(lines + ([f"... and {more:,} more"] if more > 0 else []))

    def _repr_html_(self) -> str:
        rows = []
        for each in self[:NUM_SHOWN]:
            shown = "" if each.pixels is None else notebook.picture(_png(each.pixels), height=56)
            top = "<br>".join(
                f"{notebook.text(one.class_name)} {notebook.bar(one.probability)}"
                for one in each.top
            )
            rows.append((notebook.text(Path(each.file).name), shown, top))
        more = len(self) - NUM_SHOWN
        return notebook.table(rows) + (f"<p>... and {more:,} more</p>" if more > 0 else "")


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """What predicting needs of a trained model.

    network: (B, C, H, W) in [0, 1] to logits (B, K), in eval mode.
    image_shape: channels, height and width of the pictures that it takes.
    background: what transparent pixels become.
    levels: the values of deep pictures (16 bits, 32 bits, float) that become 0 and 255.
    light_on_dark: trained on light digits on black, as MNIST's: a picture with a light border is
        looked at as its negative.
    """

    network: nn.Module
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    background: str = "white"
    levels: tuple[float, float] = LEVELS
    light_on_dark: bool = False

    def decoding(self, height: int, width: int, channels: int) -> Decoding:
        """How a picture becomes (height, width, channels), in the way of the training pictures."""
        low, high = self.levels
        return Decoding(
            height=height,
            width=width,
            channels=channels,
            background=self.background,
            low=low,
            high=high,
        )


@dataclass(frozen=True, kw_only=True)
class _Pixels:
    """A picture as the model takes it: (C, H, W), uint8 or numbers in [0, 1]."""

    pixels: Tensor
    inverted: bool = False


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A picture to predict: its file, the folders around it, and how it becomes pixels."""

    file: str
    folders: tuple[str, ...]
    decode: Callable[[], _Pixels]


def predict_files(
    classifier: Classifier,
    found: Iterable[FoundPicture],
    *,
    top: int = 5,
    invert: bool = True,
    unreadable: Callable[[str], None],
) -> Iterator[Prediction]:
    """A prediction for each picture, in their order.

    Args:
        found: see `find_pictures`.
        top: how many of the likeliest classes are named.
        invert: look at a picture with a light border as its negative, where the model was trained
            on light digits on black.
        unreadable: called with a sentence about each file that cannot be read; it is left out.
    """
    sources = (_from_file(classifier, each, invert) for each in found)
    return _predict(classifier, sources, top=top, unreadable=unreadable)


def predict(
    classifier: Classifier, pictures: Any, *, top: int = 5, invert: bool = True
) -> Prediction | Predictions:
    """A prediction for one picture, or a list of them for several.

    Args:
        pictures: a file, a folder, a pattern, an archive; a PIL image; an array (H, W),
            (H, W, C) or (N, H, W, C); a tensor (H, W), (C, H, W) or (N, C, H, W); or a list of
            these. Arrays and tensors are uint8 or numbers in [0, 1]. What has the shape that the
            model takes is taken as it is.
        top: how many of the likeliest classes are named.
        invert: as in `predict_files`.

    Raises:
        DataError: something cannot be read as a picture.
    """

    def refuse(sentence: str) -> None:
        raise DataError(sentence)

    many = isinstance(pictures, list | tuple)
    items = pictures if many else [pictures]
    sources = itertools.chain.from_iterable(_from_any(classifier, x, invert) for x in items)
    predictions = Predictions(_predict(classifier, sources, top=top, unreadable=refuse))
    single = not many and not _holds_several(pictures)
    return predictions[0] if single else predictions


# --- From a batch of pictures to predictions ---------------------------------------------


@torch.no_grad()
def _predict(
    classifier: Classifier,
    sources: Iterable[_Source],
    *,
    top: int,
    unreadable: Callable[[str], None],
) -> Iterator[Prediction]:
    device = next(classifier.network.parameters()).device
    batch_size = max(1, min(BATCH, BATCH_PIXELS // math.prod(classifier.image_shape)))
    num_done = 0
    # Threads: Pillow decodes without holding the interpreter's lock.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for batch in _chunks(sources, batch_size):
            read: list[tuple[_Source, _Pixels]] = []
            for source, result in zip(batch, _all_decoded(pool, batch), strict=True):
                if isinstance(result, str):
                    unreadable(result)
                else:
                    read.append((source, result))
            if not read:
                continue
            pixels = torch.stack([_as_float(result.pixels) for _, result in read])  # (B, C, H, W)
            logits = classifier.network(pixels.to(device))  # (B, K)
            probs, labels = logits.float().softmax(dim=1).cpu().sort(descending=True, stable=True)
            names = classifier.class_names
            for (source, result), row, order in zip(
                read, probs.tolist(), labels.tolist(), strict=True
            ):
                yield Prediction(
                    file=source.file,
                    top=tuple(
                        ClassProbability(class_name=names[label], probability=probability)
                        for label, probability in zip(order[:top], row[:top], strict=True)
                    ),
                    inverted=result.inverted,
                    folders=source.folders,
                    true_class=folder_class(source.folders, names),
                    pixels=_as_bytes(result.pixels) if num_done < NUM_SHOWN else None,
                )
                num_done += 1


def _chunks(sources: Iterable[_Source], size: int) -> Iterator[list[_Source]]:
    sources = iter(sources)
    while chunk := list(itertools.islice(sources, size)):
        yield chunk


def _all_decoded(pool: ThreadPoolExecutor, batch: list[_Source]) -> list[_Pixels | str]:
    # Python's filters of warnings are shared by all threads, and `decode` changes them: whatever
    # the threads leave behind is put back here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(pool.map(_decoded, batch))


def _decoded(source: _Source) -> _Pixels | str:
    """The pixels, or a sentence about why there are none."""
    try:
        return source.decode()
    except OSError as error:
        return f"cannot read {source.file}: {error.strerror or error}"
    except UnreadablePicture as error:
        return f"cannot read the picture {source.file}: {error}".replace("  ", " ")
    except DataError as error:
        return str(error)


def folder_class(folders: Sequence[str], class_names: Sequence[str]) -> str | None:
    """The class that a picture's folders name: the longest path that is a class, the inmost first.

    `("test", "cats")` is of the class `cats`; of nested classes a name such as `animals/cats`.
    """
    for length in range(len(folders), 0, -1):
        for start in range(len(folders) - length, -1, -1):
            name = "/".join(folders[start : start + length])
            if name in class_names:
                return name
    return None


# --- From what was given to pixels -------------------------------------------------------


def _from_file(classifier: Classifier, found: FoundPicture, invert: bool) -> _Source:
    def decode() -> _Pixels:
        return _pixels_of(classifier, found.read(), invert)

    return _Source(file=found.name, folders=found.folders, decode=decode)


def _from_any(classifier: Classifier, given: Any, invert: bool) -> Iterator[_Source]:
    if isinstance(given, str | Path):
        for found in find_pictures([str(given)], io.BytesIO()):
            yield _from_file(classifier, found, invert)
    elif isinstance(given, Image.Image):
        content = _as_file(given)
        yield _Source(
            file=str(getattr(given, "filename", "")),
            folders=(),
            decode=lambda: _pixels_of(classifier, content, invert),
        )
    elif isinstance(given, Tensor | np.ndarray):
        for array in given if given.ndim == 4 else [given]:
            yield _from_array(classifier, array, invert)
    else:
        raise DataError(
            f"cannot predict a {type(given).__name__}: expected a file, a folder, a PIL image, an "
            "array, a tensor, or a list of them"
        )


def _as_file(picture: Image.Image) -> bytes:
    """A PIL image as a file that keeps its content."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode not in PNG_MODES and picture.mode not in TIFF_MODES:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    stream = io.BytesIO()
    picture.save(stream, "PNG" if picture.mode in PNG_MODES else "TIFF")
    return stream.getvalue()


def _holds_several(given: Any) -> bool:
    if isinstance(given, str | Path):
        name = str(given)
        path = Path(name).expanduser()
        archive = name.lower().endswith(ARCHIVES)
        return path.is_dir() or archive or (not path.exists() and any(c in name for c in "*?["))
    return isinstance(given, Tensor | np.ndarray) and given.ndim == 4


def _from_array(classifier: Classifier, given: Tensor | np.ndarray, invert: bool) -> _Source:
    pixels = _channels_first(given)
    if tuple(pixels.shape) == classifier.image_shape:
        return _Source(file="", folders=(), decode=lambda: _Pixels(pixels=pixels))

    def decode() -> _Pixels:
        content = png_bytes(_as_bytes(pixels).permute(1, 2, 0).squeeze(2).numpy())
        return _pixels_of(classifier, content, invert)

    return _Source(file="", folders=(), decode=decode)


def _channels_first(given: Tensor | np.ndarray) -> Tensor:
    """(C, H, W), uint8 or numbers in [0, 1].

    Raises:
        DataError: another shape, or other numbers.
    """
    is_tensor = isinstance(given, Tensor)
    layout = "(C, H, W)" if is_tensor else "(H, W, C)"
    pixels = given.detach().cpu() if is_tensor else torch.from_numpy(np.ascontiguousarray(given))
    if pixels.ndim == 2:
        pixels = pixels[None]
    elif pixels.ndim == 3 and not is_tensor:
        pixels = pixels.permute(2, 0, 1)
    if pixels.ndim != 3 or pixels.shape[0] not in (1, 3, 4):
        raise DataError(
            f"a picture is (H, W) or {layout} with 1, 3 or 4 channels, not {tuple(given.shape)}"
        )
    if pixels.dtype == torch.uint8:
        return pixels
    if not pixels.is_floating_point() or pixels.min() < 0 or pixels.max() > 1:
        raise DataError(
            f"pixels are uint8, or numbers in [0, 1]; these are {str(pixels.dtype).split('.')[1]} "
            f"from {pixels.min():.4g} to {pixels.max():.4g}"
        )
    return pixels.float()


def _pixels_of(classifier: Classifier, content: bytes, invert: bool) -> _Pixels:
    negative = _negative(content, classifier) if classifier.light_on_dark and invert else None
    channels, height, width = classifier.image_shape
    pixels = decode(negative or content, classifier.decoding(height, width, channels))
    return _Pixels(
        pixels=torch.from_numpy(pixels.copy()).permute(2, 0, 1), inverted=negative is not None
    )


def _negative(content: bytes, classifier: Classifier) -> bytes | None:
    """The negative of a picture with a light border, as a PNG file; None for any other.

    Paper is not white and ink is not black: levels are stretched so that the border becomes black
    and the darkest ink white, as in the pictures that the model was trained on.
    """
    height, width = _sides(content)
    grey = decode(content, classifier.decoding(height, width, 1))[:, :, 0]
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if border.mean() <= LIGHT:
        return None
    paper, ink = np.percentile(border, 5), np.percentile(grey, 1)  # beyond noise and shadows
    stretched = (paper - grey) / max(paper - ink, 1.0)
    return png_bytes(_framed((255 * stretched.clip(0, 1)).round().astype(np.uint8)))


def _sides(content: bytes) -> tuple[int, int]:
    """Height and width of the picture, of a large one in proportion."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content)) as picture:
                sides = ImageOps.exif_transpose(picture).size
        except Exception:  # `decode` says what is wrong with it
            return 1, 1
    scale = min(1.0, LOOKED_AT / max(sides))
    width, height = (max(1, round(side * scale)) for side in sides)
    return height, width


def _framed(pixels: np.ndarray) -> np.ndarray:
    """The part (H, W) with something light on it, on a black square, as MNIST's digits are framed.

    They are 20 pixels long at the most, with their centre of mass in the middle of 28.
    """
    rows, columns = (np.flatnonzero((pixels > 127).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return pixels
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = part.shape
    side = math.ceil(max(height, width) * 28 / 20)
    mass = part / part.sum(dtype=float)
    centre = (mass.sum(axis=1) @ np.arange(height), mass.sum(axis=0) @ np.arange(width))
    top, left = (
        min(max(round((side - 1) / 2 - middle), 0), side - length)
        for middle, length in zip(centre, part.shape, strict=True)
    )
    framed = np.zeros((side, side), np.uint8)
    framed[top : top + height, left : left + width] = part
    return framed


def _as_float(pixels: Tensor) -> Tensor:
    return pixels if pixels.is_floating_point() else pixels.float() / 255


def _as_bytes(pixels: Tensor) -> Tensor:
    return pixels.mul(255).round().byte() if pixels.is_floating_point() else pixels


def _png(pixels: Tensor) -> bytes:
    """(C, H, W) uint8 as a PNG file."""
    return png_bytes(pixels.permute(1, 2, 0).squeeze(2).numpy())


# --- How many are right ------------------------------------------------------------------


class Tally:
    """Counts of the pictures whose folders are named after classes of the model."""

    def __init__(self, class_names: Sequence[str]) -> None:
        self.class_names = tuple(class_names)
        self.confusion = torch.zeros(len(class_names), len(class_names), dtype=torch.long)
        self.unknown_folders: set[str] = set()  # of pictures in folders that are no class

    def add(self, prediction: Prediction) -> None:
        """Count one prediction."""
        if prediction.true_class is not None:
            index = self.class_names.index
            self.confusion[index(prediction.true_class), index(prediction.class_name)] += 1
        elif prediction.folders:
            self.unknown_folders.add(prediction.folders[-1])

    @property
    def num_pictures(self) -> int:
        """Of which the class is known."""
        return int(self.confusion.sum())

    @property
    def num_right(self) -> int:
        """Of those, how many were predicted right."""
        return int(self.confusion.trace())
